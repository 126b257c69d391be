"""The NATS user of a service may do nothing but what the service does."""

import json
from collections.abc import Iterator

import pytest

from services.chassis.errors import UnavailableError
from services.chassis.messaging.nats_errors import PublishRefusedError
from services.chassis.messaging.streams import EVENTS, durable_name
from tests.eventually import eventually
from tests.nats_users import linked_as, nats_with_users, violations
from tests.nats_work import JOBS
from tests.servers import NatsServer

PROBE = JOBS[0]
PREPARE = JOBS[2]
FOREVER_SECONDS = 3600.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    server = nats_with_users(tmp_path_factory.mktemp("nats-users"))
    yield server
    server.stop()


PUBLISHED_BY_OTHERS = [
    ("media", "$JS.API.CONSUMER.MSG.NEXT.WORK." + durable_name(PREPARE.method)),
    (
        "media",
        f"$JS.API.CONSUMER.CREATE.WORK.{durable_name(PREPARE.method)}.work.{PREPARE.method}.*",
    ),
    ("media", f"$JS.API.CONSUMER.CREATE.WORK.thief.work.{PREPARE.method}.*"),
    ("media", f"$JS.API.CONSUMER.DURABLE.CREATE.WORK.{durable_name(PROBE.method)}"),
    ("media", "$JS.API.CONSUMER.CREATE.WORK"),
    ("media", "$JS.API.CONSUMER.CREATE.EVENTS"),
    ("media", "$JS.API.CONSUMER.DELETE.WORK." + durable_name(PREPARE.method)),
    ("media", f"$JS.ACK.WORK.{durable_name(PREPARE.method)}.1.1.1.1.0"),
    ("media", "$JS.API.STREAM.MSG.GET.WORK"),
    ("media", "$JS.API.STREAM.MSG.DELETE.WORK"),
    ("media", "$JS.API.STREAM.PURGE.WORK"),
    ("media", "$JS.API.STREAM.UPDATE.WORK"),
    ("media", "$JS.API.STREAM.DELETE.WORK"),
    ("media", "$JS.API.STREAM.PURGE.KV_runs"),
    ("inference", "$JS.API.CONSUMER.CREATE.EVENTS.pipeline"),
    ("inference", "$JS.API.CONSUMER.CREATE.EVENTS.inference"),
    ("inference", "$JS.API.CONSUMER.CREATE.EVENTS.inference.ttstrainer.dataset.v1.ConsentGranted"),
    ("inference", "$JS.API.CONSUMER.DELETE.EVENTS.inference"),
    ("inference", "$JS.API.CONSUMER.MSG.NEXT.EVENTS.pipeline"),
    ("inference", "$JS.API.CONSUMER.MSG.NEXT.WORK." + durable_name(PROBE.method)),
    ("inference", "$JS.API.STREAM.MSG.GET.EVENTS"),
    ("inference", "$JS.API.STREAM.MSG.GET.KV_runs"),
    ("inference", "$JS.API.STREAM.PURGE.EVENTS"),
    ("inference", "$KV.step-failures.x"),
    ("inference", "$JS.API.STREAM.CREATE.KV_runs"),
    ("inference", "$JS.API.STREAM.CREATE.KV_step-failures"),
    ("inference", "ttstrainer.pipeline.v1.StepFailed"),
    ("inference", "progress.run"),
    ("inference", "cancel.run"),
    ("inference", "ttstrainer.dataset.v1.ConsentWithdrawn"),
    ("inference", f"work.{PROBE.method}.run"),
    ("inference", "dead.x.run"),
    ("bot", "$KV.runs.run.a"),
    ("bot", "$KV.step-failures.x"),
    ("bot", "$JS.API.STREAM.MSG.GET.KV_runs"),
    ("bot", "$JS.API.CONSUMER.CREATE.KV_runs"),
    ("bot", "$JS.API.CONSUMER.CREATE.EVENTS.bot.ttstrainer.dataset.v1.ConsentWithdrawn"),
    ("bot", "$JS.API.STREAM.MSG.GET.EVENTS"),
    ("bot", "$JS.API.STREAM.PURGE.KV_bot"),
    ("bot", "$JS.API.STREAM.DELETE.KV_bot"),
    ("bot", "ttstrainer.dataset.v1.ConsentWithdrawn"),
    ("bot", "ttstrainer.inference.v1.VoiceDeleted"),
    ("bot", f"work.{PROBE.method}.run"),
    ("bot", "cancel.run"),
    ("inference", "$KV.bot.guild.1.settings"),
    ("inference", "$JS.API.STREAM.MSG.GET.KV_bot"),
    ("pipeline", "$JS.API.STREAM.MSG.GET.KV_bot"),
    ("dataset", "ttstrainer.inference.v1.VoiceDeleted"),
    ("media", "$JS.API.STREAM.CREATE.SPY"),
    ("media", "$JS.API.STREAM.CREATE.KV_runs"),
    ("media", "$JS.API.STREAM.MSG.GET.KV_runs"),
    ("media", "$JS.API.DIRECT.GET.KV_runs.$KV.runs.run.a"),
    ("media", "$KV.runs.run.a"),
    ("media", "ttstrainer.dataset.v1.DatasetBuilt"),
    ("media", "ttstrainer.pipeline.v1.RunFinished"),
    ("media", f"work.{PROBE.method}.run"),
    ("media", "cancel.run"),
    ("media", f"dead.{PREPARE.method}.run"),
    ("dataset", "ttstrainer.transcription.v1.AudioTranscribed"),
    ("transcription", "ttstrainer.dataset.v1.DatasetBuilt"),
    ("audio-qc", "$JS.API.CONSUMER.MSG.NEXT.WORK." + durable_name(PROBE.method)),
    ("pipeline", "$JS.API.STREAM.DELETE.WORK"),
    ("pipeline", "$JS.API.STREAM.PURGE.KV_runs"),
    ("pipeline", "$JS.API.STREAM.PURGE.EVENTS"),
    ("pipeline", "$JS.API.CONSUMER.MSG.NEXT.WORK." + durable_name(PROBE.method)),
    ("pipeline", "ttstrainer.dataset.v1.DatasetBuilt"),
]


@pytest.mark.parametrize(("user", "subject"), PUBLISHED_BY_OTHERS)
async def test_what_a_user_has_no_business_with_is_refused_at_once(
    server: NatsServer, user: str, subject: str
) -> None:
    async with linked_as(user, server.url) as link:
        with pytest.raises(PublishRefusedError) as refused:
            await link.connection.request(subject, b"", timeout=FOREVER_SECONDS)
    assert subject in str(refused.value)
    assert f"the user {user}" in str(refused.value)


async def test_a_subject_that_is_allowed_brings_no_other_facts(server: NatsServer) -> None:
    withdrawn = "ttstrainer.dataset.v1.ConsentWithdrawn"
    config = {"name": "inference", "durable_name": "inference", "filter_subject": "ttstrainer.>"}
    wanted = json.dumps({"stream_name": EVENTS, "config": config}).encode()
    async with linked_as("inference", server.url) as link:
        answer = await link.connection.request(
            f"$JS.API.CONSUMER.CREATE.{EVENTS}.inference.{withdrawn}", wanted, timeout=10
        )
    assert "did not match filtered subject" in json.loads(answer.data)["error"]["description"]


@pytest.mark.parametrize(
    ("user", "subject"),
    [
        ("media", ">"),
        ("media", "_INBOX.>"),
        ("media", "_INBOX_pipeline.>"),
        ("media", f"work.{PREPARE.method}.*"),
        ("media", f"workers.{PREPARE.method}"),
        ("media", "ttstrainer.>"),
        ("inference", "ttstrainer.dataset.v1.ConsentWithdrawn"),
        ("inference", "progress.*"),
        ("inference", "_INBOX_dataset.>"),
        ("inference", "$KV.runs.>"),
        ("bot", "$KV.>"),
        ("bot", "cancel.*"),
        ("bot", "ttstrainer.>"),
        ("inference", "$KV.bot.>"),
        ("media", "progress.*"),
        ("media", "$KV.runs.>"),
        ("pipeline", "_INBOX_media.>"),
        ("pipeline", "$KV.runs.>"),
    ],
)
async def test_nobody_listens_to_what_is_not_for_them(
    server: NatsServer, user: str, subject: str
) -> None:
    before = server.said
    async with linked_as(user, server.url) as link:
        await link.connection.subscribe(subject)
        await link.connection.flush()
        await eventually(lambda: violations(server, before))
    (violation,) = violations(server, before)
    assert f'Subscription Violation - Subject "{subject}"' in violation


async def test_a_fact_of_another_service_is_refused_with_a_reason(server: NatsServer) -> None:
    async with linked_as("media", server.url) as media:
        with pytest.raises(UnavailableError, match=r"publish to ttstrainer\.dataset") as refused:
            await media.bus.publish(JOBS[-1].event())
    assert refused.value.reason == "BUS_REFUSES_SUBJECT"
