"""What the bot lives with: services that speak and keep consents, NATS for what it remembers."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from gateway.cli.errors import CommandError
from gateway.cli.session import Session, data_folder
from gateway.client.addresses import Addresses
from gateway.embedded.shared_stack import shared_stack
from gateway.embedded.stack import transient_plan
from gateway.services import DATASET, INFERENCE, Service

OF_THE_WAY = {
    "TTSTRAINER_TLS_CA_FILE": "TTSTRAINER_BOT_SERVER_CA_FILE",
    "TTSTRAINER_TLS_CERTIFICATE_FILE": "TTSTRAINER_BOT_TLS_CERTIFICATE_FILE",
    "TTSTRAINER_TLS_KEY_FILE": "TTSTRAINER_BOT_TLS_KEY_FILE",
    "TTSTRAINER_BEARER_TOKEN": "TTSTRAINER_BOT_BEARER_TOKEN",
}
"""What secures the way to services elsewhere: as the command is told, as the bot is."""
OF_NATS = ("NATS_USER", "NATS_PASSWORD", "NATS_TLS_CA_FILE", "NATS_REPLICAS")


@dataclass(frozen=True, slots=True)
class House:
    """Where everything is."""

    addresses: Addresses
    nats_url: str
    settings_elsewhere: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the bot must be told to reach another machine."""


@asynccontextmanager
async def house(session: Session, environment: Mapping[str, str]) -> AsyncIterator[House]:
    """Gives the services of the session's server, else runs them here for as long.

    With a server the bot keeps what people choose in the NATS that TTSTRAINER_NATS_URL names, else
    in one that runs here.

    Raises:
        CommandError: a service, or NATS, is not there.
    """
    if not session.server:
        async with _stack(session, (DATASET, INFERENCE)) as found:
            yield found
        return
    addresses, _ = await session.elsewhere(DATASET, INFERENCE)
    way = {ours: environment[name] for name, ours in OF_THE_WAY.items() if environment.get(name)}
    if nats_url := _chosen(environment, "NATS_URL"):
        told = {f"TTSTRAINER_BOT_{name}": _chosen(environment, name) for name in OF_NATS}
        yield House(addresses, nats_url, way | told)
        return
    async with _stack(session, ()) as found:
        yield House(addresses, found.nats_url, way)


@asynccontextmanager
async def _stack(session: Session, services: tuple[Service, ...]) -> AsyncIterator[House]:
    """Runs NATS and these services, or uses those that another command runs."""
    folder = data_folder()
    planner = partial(transient_plan, with_queues=True)
    async with shared_stack(
        folder, services, os.environ, planner=planner, note=session.reporter.note
    ) as shared:
        session.stack = shared.own
        if not shared.info.nats_url:
            raise CommandError(
                f"Another command uses {folder.root} without NATS: wait until it has ended, or set "
                "TTSTRAINER_NATS_URL or TTSTRAINER_HOME."
            )
        yield House(
            {name: each.address for name, each in shared.info.services.items()},
            shared.info.nats_url,
        )


def _chosen(environment: Mapping[str, str], name: str) -> str:
    """Returns a setting of the bot: its own, or the one for all."""
    return environment.get(f"TTSTRAINER_BOT_{name}") or environment.get(f"TTSTRAINER_{name}", "")
