"""What is killed in the middle of work: workers, and nats-server itself."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from services.chassis.bus import StepContext
from services.chassis.errors import OverloadedError, UnavailableError
from services.chassis.messaging.jetstream import JetStreamLink
from services.chassis.messaging.pulling import Puller
from services.chassis.messaging.streams import DEAD, WORK, StreamLimits, durable_name
from services.chassis.queue_worker.working import working
from services.chassis.work import Progress
from tests.eventually import eventually
from tests.jetstream_links import IMPATIENT, WorkerSettings, linked
from tests.probing import STEP_EVENTS, Probing
from tests.servers import NatsServer, executable, free_port, started
from ttstrainer.media.v1.media_events_pb2 import MediaProbed
from ttstrainer.media.v1.media_service_pb2 import MediaInfo, ProbeMediaRequest


@asynccontextmanager
async def lone_worker(server: NatsServer, method: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Gives a worker process that has taken a step and will never finish it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.lone_worker",
        server.url,
        method,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        assert process.stdout is not None
        async for line in process.stdout:
            if line.startswith(b"started"):
                break
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_the_step_of_a_killed_worker_goes_to_another(nats_server: NatsServer) -> None:
    probing = Probing()
    async with linked(nats_server.url) as link:
        await probing.listen(link)
        await probing.submit(link, "a")
        async with lone_worker(nats_server, probing.method) as process:
            process.kill()
        async with working(link, [probing.handler], STEP_EVENTS, IMPATIENT):
            await eventually(lambda: probing.probed == ["a"])
            await eventually(lambda: _is_empty(link, probing.method))


async def test_a_step_that_kills_every_worker_is_buried_and_announced(
    nats_server: NatsServer,
) -> None:
    probing = Probing()
    settings = WorkerSettings(ack_wait_seconds=1, max_deliveries=2)
    async with linked(nats_server.url) as link:
        await probing.listen(link)
        # Makes the consumer with the limit; what a killed worker leaves is a request that was
        # taken and never answered, twice.
        async with working(link, [probing.handler], STEP_EVENTS, settings):
            pass
        await probing.submit(link, "a")
        puller = Puller(link.connection, WORK, durable_name(probing.method))
        for _ in range(2):
            assert await puller.next(5)
        async with working(link, [probing.handler], STEP_EVENTS, settings):
            (failure,) = await eventually(lambda: probing.failures)
            await eventually(lambda: _is_empty(link, probing.method))
        assert (failure.reason, failure.retryable) == ("WORKER_LOST", False)
        assert probing.method.split(".")[-2] in failure.message
        assert "2 deliveries" in failure.message
        assert (failure.method, failure.step_id) == (probing.method, "probe/a")
        buried = await link.jetstream.get_last_msg(DEAD, f"dead.{probing.method}.{probing.run_id}")
        assert ProbeMediaRequest.FromString(buried.data or b"").recording_id == "a"
        assert probing.started == []


async def test_no_step_is_lost_when_the_server_is_killed_in_mid_work(
    own_nats_server: NatsServer,
) -> None:
    async def take_a_moment(recording_id: str, progress: Progress) -> None:
        await asyncio.sleep(0.1)

    probing = Probing(take_a_moment)
    names = [f"{n:02}" for n in range(30)]
    async with linked(own_nats_server.url) as link:
        await probing.listen(link)
        await probing.submit(link, *names)
        async with working(link, [probing.handler], STEP_EVENTS, IMPATIENT):
            for finished in (names[5], names[15]):
                await eventually(partial(probing.has_finished, finished))
                await asyncio.to_thread(own_nats_server.kill)
                await asyncio.to_thread(own_nats_server.start)
            await eventually(lambda: sorted(set(probing.probed)) == names, within_seconds=40)
            await eventually(lambda: _is_empty(link, probing.method), within_seconds=40)
    assert probing.failures == []


async def test_work_goes_on_after_the_server_was_away_for_a_while(
    own_nats_server: NatsServer,
) -> None:
    probing = Probing()
    async with linked(own_nats_server.url) as link:
        await probing.listen(link)
        async with working(link, [probing.handler], STEP_EVENTS, IMPATIENT):
            await probing.submit(link, "before")
            await eventually(lambda: probing.probed == ["before"])
            await asyncio.to_thread(own_nats_server.kill)
            submission = asyncio.create_task(probing.submit(link, "meanwhile"))
            await asyncio.sleep(1)  # the outage itself, not an expectation
            await asyncio.to_thread(own_nats_server.start)
            await submission
            await eventually(
                lambda: set(probing.probed) == {"before", "meanwhile"}, within_seconds=20
            )


async def test_a_server_that_stays_away_is_unavailable(own_nats_server: NatsServer) -> None:
    async with linked(own_nats_server.url) as link:
        own_nats_server.kill()
        with pytest.raises(UnavailableError, match="NATS"):
            await link.work_queue.backlog("any.Method")
        with pytest.raises(UnavailableError, match="NATS"):
            await (await link.key_value("any")).get("a")


async def test_a_full_queue_refuses_more_work(own_nats_server: NatsServer) -> None:
    limits = StreamLimits(work_max_bytes=4096)
    async with linked(own_nats_server.url, limits=limits) as link:
        probing = Probing()
        with pytest.raises(OverloadedError, match="full"):
            await probing.submit(link, *(f"{n}" for n in range(100)))
        first = await link.jetstream.get_msg(WORK, 1)
        assert ProbeMediaRequest.FromString(first.data or b"").recording_id == "0"


async def test_streams_take_on_new_limits(own_nats_server: NatsServer) -> None:
    async with linked(own_nats_server.url, limits=StreamLimits(work_max_bytes=1 << 20)):
        pass
    async with linked(own_nats_server.url, limits=StreamLimits(work_max_bytes=2 << 20)) as link:
        info = await link.jetstream.stream_info(WORK)
        assert info.config.max_bytes == 2 << 20


async def test_services_may_start_at_the_same_time(own_nats_server: NatsServer) -> None:
    async def start() -> None:
        async with linked(own_nats_server.url) as link:
            await link.key_value("shared")

    await asyncio.gather(*(start() for _ in range(8)))


async def test_no_server_is_told_with_what_to_do() -> None:
    with pytest.raises(UnavailableError, match="TTSTRAINER_NATS_URL"):
        async with linked(f"nats://127.0.0.1:{free_port()}", patience_seconds=0.5):
            pass


async def test_a_server_without_jetstream_is_told_with_what_to_do(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    port = free_port()
    command = [executable("nats-server"), "-a", "127.0.0.1", "-p", str(port)]
    process = started(command, tmp_path_factory.mktemp("plain") / "log")
    try:
        with pytest.raises(UnavailableError, match="-js"):
            async with linked(f"nats://127.0.0.1:{port}", patience_seconds=3):
                pass
    finally:
        process.terminate()
        process.wait()


async def test_events_wait_for_a_subscriber_that_was_away(nats_server: NatsServer) -> None:
    heard: list[str] = []
    context = StepContext("run-of-events", "step", 1)

    async def hear(event: MediaProbed, context: StepContext | None) -> None:
        heard.append(event.media.recording_id)

    async with linked(nats_server.url) as link:
        subscription = await link.subscribe("an-absent.subscriber", [MediaProbed], hear)
        await subscription.stop()
        heard.clear()
        for name in ("one", "two"):
            await link.bus.publish(_probed(name), message_id=f"absent/{name}")
        await link.bus.publish(_probed("two"), message_id="absent/two")
    async with linked(nats_server.url) as link:
        await link.subscribe("an-absent.subscriber", [MediaProbed], hear)
        await link.bus.publish(_probed("three"), context=context)
        await eventually(lambda: "three" in heard)
    assert [name for name in heard if name in {"one", "two", "three"}] == ["one", "two", "three"]


def _probed(recording_id: str) -> MediaProbed:
    return MediaProbed(media=MediaInfo(recording_id=recording_id))


async def _is_empty(link: JetStreamLink, method: str) -> bool:
    info = await link.jetstream.stream_info(WORK, subjects_filter=f"work.{method}.*")
    return not info.state.subjects
