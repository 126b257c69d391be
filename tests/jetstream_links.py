"""Links to a real NATS server, and the settings of a worker in tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar

from services.chassis.messaging.jetstream import JetStreamLink
from services.chassis.messaging.streams import StreamLimits
from services.chassis.settings import ServiceSettings


class WorkerSettings(ServiceSettings):
    """Of a worker in tests, which does not lose its steps when the machine is busy."""

    service_name: ClassVar[str] = "test"
    leads_runs: ClassVar[bool] = True

    store_url: str = "file:///nowhere"
    ack_wait_seconds: float = 5.0
    drain_seconds: float = 5.0


IMPATIENT = WorkerSettings(ack_wait_seconds=1)
"""Of one whose steps others take over soon."""


@asynccontextmanager
async def linked(
    nats_url: str, *, limits: StreamLimits | None = None, patience_seconds: float = 10.0
) -> AsyncIterator[JetStreamLink]:
    """Gives a link to the server at `nats_url`."""
    settings = WorkerSettings(nats_url=nats_url)
    async with JetStreamLink.connect(
        settings, limits=limits, patience_seconds=patience_seconds
    ) as link:
        yield link
