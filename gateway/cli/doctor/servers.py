"""The servers: which ports are free, and who answers at them."""

import asyncio
from collections.abc import Mapping

from gateway.cli.doctor.finding import Finding, missing, ok, warning
from gateway.client.addresses import addresses_on
from gateway.client.health import is_serving
from gateway.client.security import Security, security_from
from gateway.embedded.data_folder import DataFolder
from gateway.embedded.ports import listened_ports
from gateway.embedded.stack import NATS_PORT
from gateway.embedded.stack_file import read_stack_file
from gateway.services import ALL, LOOPBACK


async def server_checks(
    server: str, folder: DataFolder, environment: Mapping[str, str]
) -> list[Finding]:
    """Returns the health of the named server, or of the stack that runs here, or the ports."""
    if server:
        addresses = addresses_on(server, environment)
        security = security_from(environment)
        return await _health(addresses, security, "start it there, or check the address")
    stack = await asyncio.to_thread(read_stack_file, folder.stack_file)
    if stack is not None:
        running = {name: endpoint.address for name, endpoint in stack.services.items()}
        return await _health(running, Security(), f"look at its log in {folder.logs}")
    wanted = [NATS_PORT, *(port for each in ALL for port in (each.port, each.metrics_port))]
    taken = await asyncio.to_thread(listened_ports, LOOPBACK, wanted)
    if taken:
        listed = ", ".join(map(str, taken))
        remedy = "only `tts-trainer up` needs them: stop what listens there before you start it"
        return [warning("ports", f"taken: {listed}", remedy)]
    return [ok("ports", "free for `tts-trainer up`; nothing runs right now")]


async def _health(addresses: Mapping[str, str], security: Security, remedy: str) -> list[Finding]:
    """Asks each service for its health."""
    asked = (is_serving(address, security=security) for address in addresses.values())
    answers = await asyncio.gather(*asked)
    return [
        ok(f"service {name}", f"serves at {address}")
        if serves
        else missing(f"service {name}", f"does not answer at {address}", remedy)
        for (name, address), serves in zip(addresses.items(), answers, strict=True)
    ]
