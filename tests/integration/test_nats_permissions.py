"""Each service has a NATS user that may do what the service does."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.message import Message

from bot.state.book import Book
from bot.state.model import Ban
from services.chassis.beside import running_beside
from services.chassis.bus import StepContext
from services.chassis.messaging.jetstream import JetStreamLink
from services.chassis.messaging.pulling import Puller
from services.chassis.messaging.streams import DEAD, WORK, durable_name
from services.chassis.queue_worker.working import working
from services.chassis.work import Progress, WorkHandler
from tests.eventually import eventually
from tests.nats_users import linked_as, nats_with_users, user_settings, violations
from tests.nats_work import JOBS, Job
from tests.probing import STEP_EVENTS, unique_id
from tests.servers import NatsServer
from ttstrainer.pipeline.v1.pipeline_events_pb2 import RunFinished, StepFailed, StepProgressed

PROBE = JOBS[0]
PREPARE = JOBS[2]
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    server = nats_with_users(tmp_path_factory.mktemp("nats-users"))
    yield server
    server.stop()


@pytest.fixture
async def pipeline(server: NatsServer) -> AsyncIterator[JetStreamLink]:
    async with linked_as("pipeline", server.url) as link:
        yield link


class Heard:
    """What the pipeline hears of one run."""

    def __init__(self) -> None:
        self.run_id = unique_id("run")
        self.events: list[Message] = []
        self.progress: list[StepProgressed] = []

    async def listen(self, pipeline: JetStreamLink) -> None:
        facts = [job.event for job in JOBS]
        await pipeline.subscribe("pipeline", [*facts, StepFailed], self._hear)
        await pipeline.watch_progress(self._watch)

    def context(self, name: str) -> StepContext:
        return StepContext(self.run_id, f"step/{name}", 1)

    async def _hear(self, event: Message, context: StepContext | None) -> None:
        if context and context.run_id == self.run_id:
            self.events.append(event)

    async def _watch(self, data: bytes) -> None:
        self.progress.append(StepProgressed.FromString(data))


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.method.rpartition(".")[2])
async def test_a_service_may_do_its_work(
    server: NatsServer, pipeline: JetStreamLink, job: Job
) -> None:
    before, heard = server.said, Heard()
    fails = False

    async def work(request: Message, progress: Progress) -> Message:
        progress(0.5)
        await eventually(lambda: heard.progress)
        if fails:
            raise ZeroDivisionError
        return job.event()

    await heard.listen(pipeline)
    settings = user_settings(job.user, server.url, max_failures=2)
    handler = WorkHandler(job.method, job.request, work)
    async with linked_as(job.user, server.url) as link:
        await pipeline.work_queue.submit(job.method, job.request(), heard.context("good"))
        async with working(link, [handler], STEP_EVENTS, settings):
            assert await eventually(lambda: heard.events) == [job.event()]
            state = await pipeline.work_queue.backlog(job.method)
            assert (state.pending_count, state.has_worker) == (0, True)
            fails = True  # which is counted, buried and told
            await pipeline.work_queue.submit(job.method, job.request(), heard.context("bad"))
            await eventually(lambda: len(heard.events) == 2)
    assert isinstance(heard.events[1], StepFailed)
    assert await dead_count(pipeline, job, heard) == 1
    assert violations(server, before) == []


async def test_a_cancelled_run_leaves_the_queues_and_the_workers(
    server: NatsServer, pipeline: JetStreamLink
) -> None:
    before, heard, started = server.said, Heard(), asyncio.Event()

    async def hang(request: Message, progress: Progress) -> Message:
        started.set()
        return await asyncio.Future()

    settings = user_settings("media", server.url, max_concurrent_steps=1)
    handler = WorkHandler(PROBE.method, PROBE.request, hang)
    async with (
        linked_as("media", server.url) as media,
        working(media, [handler], STEP_EVENTS, settings),
    ):
        for name in "abc":
            await pipeline.work_queue.submit(PROBE.method, PROBE.request(), heard.context(name))
        await asyncio.wait_for(started.wait(), 20)
        await pipeline.work_queue.cancel(heard.run_id)
        await eventually(lambda: is_empty(pipeline, PROBE, heard))
    assert violations(server, before) == []


async def test_the_pipeline_buries_a_step_whose_workers_were_lost(
    server: NatsServer, pipeline: JetStreamLink
) -> None:
    before, heard = server.said, Heard()
    settings = user_settings("audio-qc", server.url, ack_wait_seconds=0.3, max_deliveries=1)

    async def never(request: Message, progress: Progress) -> Message:
        raise AssertionError

    await heard.listen(pipeline)
    handler = WorkHandler(PREPARE.method, PREPARE.request, never)
    async with (
        linked_as("audio-qc", server.url) as audio_qc,
        working(pipeline, [], STEP_EVENTS, user_settings("pipeline", server.url)),
    ):
        async with working(audio_qc, [handler], STEP_EVENTS, settings):
            pass  # the consumer is there now
        await pipeline.work_queue.submit(PREPARE.method, PREPARE.request(), heard.context("lost"))
        puller = Puller(audio_qc.connection, WORK, durable_name(PREPARE.method))
        assert await puller.next(10), "it is taken, and never settled"
        assert await puller.next(1) is None
        (failed,) = await eventually(lambda: heard.events)
        await eventually(lambda: is_empty(pipeline, PREPARE, heard))
    assert isinstance(failed, StepFailed)
    assert failed.reason == "WORKER_LOST"
    assert violations(server, before) == []


async def test_the_pipeline_keeps_the_state_of_runs(
    server: NatsServer, pipeline: JetStreamLink
) -> None:
    before = server.said
    bucket = await pipeline.key_value("runs")
    revision = await bucket.create("run.a", b"1")
    await bucket.update("run.a", b"2", revision)
    assert await bucket.keys("run.") == ["run.a"]
    async for entry in bucket.watch("run."):
        assert (entry.key, entry.value) == ("run.a", b"2")
        break
    untouched = [it async for it in bucket.untouched("run.", datetime.now(UTC) + HOUR)]
    assert [it.key for it in untouched] == ["run.a"]
    await bucket.delete("run.a", untouched[0].revision)
    assert await bucket.get("run.a") is None
    await pipeline.bus.publish(RunFinished())
    assert violations(server, before) == []


async def test_the_bot_keeps_what_people_chose(server: NatsServer) -> None:
    before = server.said
    async with (
        linked_as("bot", server.url) as link,
        working(link, [], STEP_EVENTS, user_settings("bot", server.url)),
    ):
        book = Book(await link.key_value("bot"))
        async with running_beside(book.run()):
            await book.ready()
            await book.change_guild(1, lambda guild: replace(guild, voice_id="ada"))
            await book.ban(1, 2, Ban(reason="loud", banned_by_id=3))
            assert await book.unban(1, 2)
            assert await book.forget_guild(1) == 1
    assert violations(server, before) == []


async def test_people_may_look_at_everything(server: NatsServer) -> None:
    async with linked_as("admin", server.url) as admin:
        info = await admin.jetstream.stream_info(WORK)
        assert info.config.subjects == ["work.>"]
        await admin.jetstream.purge_stream(DEAD)


async def is_empty(pipeline: JetStreamLink, job: Job, heard: Heard) -> bool:
    subject = f"work.{job.method}.{heard.run_id}"
    info = await pipeline.jetstream.stream_info(WORK, subjects_filter=subject)
    return not info.state.subjects


async def dead_count(pipeline: JetStreamLink, job: Job, heard: Heard) -> int:
    subject = f"dead.{job.method}.{heard.run_id}"
    info = await pipeline.jetstream.stream_info(DEAD, subjects_filter=subject)
    return sum((info.state.subjects or {}).values())
