"""That a consent was withdrawn reaches the voices, each service being the NATS user that it is."""

from collections.abc import Iterator

import pytest
from google.protobuf.message import Message

from services.chassis.bus import StepContext
from services.chassis.queue_worker.working import working
from tests.eventually import eventually
from tests.nats_users import linked_as, nats_with_users, user_settings, violations
from tests.probing import STEP_EVENTS, unique_id
from tests.servers import NatsServer
from ttstrainer.dataset.v1.consent_events_pb2 import ConsentWithdrawn
from ttstrainer.dataset.v1.consent_service_pb2 import Consent
from ttstrainer.inference.v1.inference_events_pb2 import VoiceWithdrawn


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    server = nats_with_users(tmp_path_factory.mktemp("nats-users"))
    yield server
    server.stop()


async def test_voices_hear_of_a_withdrawn_consent_and_tell_that_they_are_silent(
    server: NatsServer,
) -> None:
    before, heard, told = server.said, list[Message](), list[Message]()
    withdrawn = ConsentWithdrawn(consent=Consent(consent_id=unique_id("consent")))
    silent = VoiceWithdrawn(voice_id="ada", consent_id=withdrawn.consent.consent_id)

    async def hear(event: Message, context: StepContext | None) -> None:
        heard.append(event)

    async def listen(event: Message, context: StepContext | None) -> None:
        told.append(event)

    async with (
        linked_as("admin", server.url) as people,
        linked_as("dataset", server.url) as dataset,
        linked_as("inference", server.url) as inference,
        working(inference, [], STEP_EVENTS, user_settings("inference", server.url)),
    ):
        await people.subscribe("people", [VoiceWithdrawn], listen)
        await inference.subscribe("inference", [ConsentWithdrawn], hear)
        await dataset.bus.publish(withdrawn)
        assert await eventually(lambda: heard) == [withdrawn]
        await inference.bus.publish(silent)
        assert await eventually(lambda: told) == [silent]
    assert violations(server, before) == []
