"""Work that fails on a real NATS server: put back, tried again, refused, given up, buried."""

import asyncio
import errno
from collections.abc import AsyncIterator

import pytest

from services.chassis.errors import InvalidInputError, OverloadedError
from services.chassis.messaging.jetstream import JetStreamLink
from services.chassis.messaging.streams import DEAD
from services.chassis.work import Progress
from tests.eventually import eventually
from tests.jetstream_links import WorkerSettings, linked
from tests.probing import Probing
from tests.queued_work import is_empty, worker
from tests.servers import NatsServer
from ttstrainer.pipeline.v1.pipeline_events_pb2 import StepProgressed


@pytest.fixture
async def link(nats_server: NatsServer) -> AsyncIterator[JetStreamLink]:
    async with linked(nats_server.url) as link:
        yield link


async def test_it_is_told_why_a_step_was_put_back(link: JetStreamLink) -> None:
    seen: list[StepProgressed] = []

    async def collect(serialized: bytes) -> None:
        seen.append(StepProgressed.FromString(serialized))

    async def refuse_once(recording_id: str, progress: Progress) -> None:
        if len(probing.started) == 1:
            raise OverloadedError("No room now.", retry_after_seconds=0.1)

    probing = Probing(refuse_once)
    await link.watch_progress(collect)
    await probing.listen(link)
    async with worker(link, probing):
        await probing.submit(link, "a")
        await eventually(lambda: probing.probed == ["a"])
    (told,) = [each for each in seen if each.run_id == probing.run_id]
    assert (told.step_id, told.trouble) == ("probe/a", "No room now.")


async def test_unexpected_errors_are_tried_again_and_then_buried(link: JetStreamLink) -> None:
    async def fail(recording_id: str, progress: Progress) -> None:
        raise ZeroDivisionError("secret of the house")

    probing = Probing(fail)
    await probing.listen(link)
    async with worker(link, probing, settings=WorkerSettings(max_failures=2)):
        await probing.submit(link, "a")
        (failure,) = await eventually(lambda: probing.failures)
        await eventually(lambda: is_empty(link, probing))
    assert len(probing.started) == 2
    assert (failure.code, failure.reason, failure.retryable) == ("INTERNAL", "INTERNAL", True)
    assert "secret" not in failure.message
    assert await _dead_count(link, probing) == 1


async def test_an_impossible_request_is_refused_at_once(link: JetStreamLink) -> None:
    async def refuse(recording_id: str, progress: Progress) -> None:
        raise InvalidInputError("There is no sound in it.", reason="NO_AUDIO")

    probing = Probing(refuse)
    await probing.listen(link)
    async with worker(link, probing):
        await probing.submit(link, "a")
        (failure,) = await eventually(lambda: probing.failures)
        await eventually(lambda: is_empty(link, probing))
    assert (failure.code, failure.reason) == ("INVALID_ARGUMENT", "NO_AUDIO")
    assert (failure.message, failure.retryable) == ("There is no sound in it.", False)
    assert (failure.run_id, failure.step_id) == (probing.run_id, "probe/a")
    assert (len(probing.started), await _dead_count(link, probing)) == (1, 0)


async def test_an_overloaded_step_comes_again_later(link: JetStreamLink) -> None:
    async def refuse_twice(recording_id: str, progress: Progress) -> None:
        if len(probing.started) < 3:
            raise OverloadedError("No room now.", retry_after_seconds=0.1)

    probing = Probing(refuse_twice)
    await probing.listen(link)
    async with worker(link, probing, settings=WorkerSettings(max_failures=1)):
        await probing.submit(link, "a")
        await eventually(lambda: probing.probed == ["a"])
    assert len(probing.started) == 3


async def test_a_step_that_finds_the_disk_full_comes_again_and_does_not_count_as_failed(
    link: JetStreamLink,
) -> None:
    async def find_it_full_twice(recording_id: str, progress: Progress) -> None:
        if len(probing.started) < 3:
            raise OSError(errno.ENOSPC, "No space left on device")

    probing = Probing(find_it_full_twice)
    await probing.listen(link)
    async with worker(link, probing, settings=WorkerSettings(max_failures=1)):
        await probing.submit(link, "a")
        await eventually(lambda: probing.probed == ["a"])
    assert len(probing.started) == 3


async def test_a_step_that_finds_the_disk_full_to_the_last_says_so(link: JetStreamLink) -> None:
    async def find_it_full(recording_id: str, progress: Progress) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    probing = Probing(find_it_full)
    await probing.listen(link)
    async with worker(link, probing, settings=WorkerSettings(max_deliveries=1)):
        await probing.submit(link, "a")
        (failure,) = await eventually(lambda: probing.failures)
    assert (failure.code, failure.reason) == ("RESOURCE_EXHAUSTED", "SCRATCH_FULL")


async def test_a_step_that_takes_too_long_is_stopped_and_given_up(link: JetStreamLink) -> None:
    stopped: list[str] = []

    async def overstay(recording_id: str, progress: Progress) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(recording_id)

    probing = Probing(overstay)
    await probing.listen(link)
    async with worker(
        link, probing, settings=WorkerSettings(step_timeout_seconds=0.2, max_failures=1)
    ):
        await probing.submit(link, "a")
        (failure,) = await eventually(lambda: probing.failures)
    assert (failure.code, failure.reason) == ("DEADLINE_EXCEEDED", "STEP_TIMEOUT")
    assert stopped == ["a"]


async def test_a_request_that_cannot_be_read_is_buried(link: JetStreamLink) -> None:
    probing = Probing()
    await probing.listen(link)
    async with worker(link, probing):
        subject = f"work.{probing.method}.{probing.run_id}"
        await link.jetstream.publish(subject, b"no message", headers={"Other": "header"})
        await eventually(lambda: _has_dead(link, probing.method, "unknown"))
        await eventually(lambda: is_empty(link, probing))
    assert probing.started == []


async def _dead_count(link: JetStreamLink, probing: Probing) -> int:
    subject = f"dead.{probing.method}.{probing.run_id}"
    info = await link.jetstream.stream_info(DEAD, subjects_filter=subject)
    return sum((info.state.subjects or {}).values())


async def _has_dead(link: JetStreamLink, method: str, run_id: str) -> bool:
    probing = Probing(method=method, run_id=run_id)
    return await _dead_count(link, probing) == 1
