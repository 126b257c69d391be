"""A service without NATS answers RPCs and refuses to queue work."""

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from services.chassis.bus import StepContext
from services.chassis.errors import UnavailableError
from services.chassis.messaging.without_nats import AbsentWorkQueue, SilentBus


async def test_events_are_dropped_and_work_is_refused_with_what_to_do() -> None:
    queue = AbsentWorkQueue()
    await SilentBus().publish(StringValue(value="it happened"))
    for asked in (
        queue.submit("tests.Echo", StringValue(), StepContext("run", "step", 1)),
        queue.cancel("run"),
        queue.backlog("tests.Echo"),
    ):
        with pytest.raises(UnavailableError, match="TTSTRAINER_NATS_URL"):
            await asked
