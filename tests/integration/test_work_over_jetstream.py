"""Work on a real NATS server: shared, kept alive, shown, cancelled, handed back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from prometheus_client import REGISTRY

from services.chassis.messaging.jetstream import JetStreamLink
from services.chassis.work import Progress
from tests.eventually import eventually
from tests.jetstream_links import WorkerSettings, linked
from tests.probing import Probing, hang
from tests.queued_work import is_empty, queued_count, worker
from tests.servers import NatsServer
from ttstrainer.pipeline.v1.pipeline_events_pb2 import StepProgressed


@pytest.fixture
async def link(nats_server: NatsServer) -> AsyncIterator[JetStreamLink]:
    async with linked(nats_server.url) as link:
        yield link


async def test_a_request_becomes_a_fact_with_its_context(link: JetStreamLink) -> None:
    probing = Probing()
    await probing.listen(link)
    async with worker(link, probing):
        await probing.submit(link, "a")
        await eventually(lambda: probing.probed == ["a"])
        await eventually(lambda: is_empty(link, probing))
    assert _settled_count(probing, "done") == 1
    in_flight = {"method": probing.method}
    assert REGISTRY.get_sample_value("ttstrainer_steps_in_flight", in_flight) == 0
    (context,) = probing.contexts
    assert context is not None
    assert (context.run_id, context.step_id) == (probing.run_id, "probe/a")
    assert (context.attempt, context.traceparent) == (1, "trace-a")


async def test_workers_share_a_queue_and_each_takes_only_what_it_can_start(
    nats_server: NatsServer,
) -> None:
    gate = asyncio.Event()

    async def wait(recording_id: str, progress: Progress) -> None:
        await gate.wait()

    first, second = Probing(wait), Probing(wait)
    second.run_id, second.method = first.run_id, first.method
    names = [f"{n:02}" for n in range(20)]
    async with AsyncExitStack() as stack:
        link = await stack.enter_async_context(linked(nats_server.url))
        other_link = await stack.enter_async_context(linked(nats_server.url))
        await first.listen(link)
        await first.submit(link, *names)
        await stack.enter_async_context(
            worker(link, first, settings=WorkerSettings(max_concurrent_steps=3))
        )
        await eventually(lambda: len(first.started) == 3)
        await stack.enter_async_context(
            worker(other_link, second, settings=WorkerSettings(max_concurrent_steps=3))
        )
        await eventually(lambda: len(second.started) == 3)
        state = await link.work_queue.backlog(first.method)
        assert (state.pending_count, state.in_flight_count) == (14, 6)
        gate.set()
        await eventually(lambda: first.probed == names)
        assert sorted(first.started + second.started) == names


async def test_a_long_step_is_kept_alive(link: JetStreamLink) -> None:
    async def take_long(recording_id: str, progress: Progress) -> None:
        await asyncio.sleep(4.5)  # longer than two times the ack wait

    probing = Probing(take_long)
    await probing.listen(link)
    async with worker(link, probing, settings=WorkerSettings(ack_wait_seconds=2)):
        await probing.submit(link, "a")
        await eventually(lambda: probing.probed == ["a"])
    assert probing.started == ["a"]


async def test_progress_is_shown_and_throttled(link: JetStreamLink) -> None:
    seen: list[StepProgressed] = []

    async def collect(serialized: bytes) -> None:
        seen.append(StepProgressed.FromString(serialized))

    async def report(recording_id: str, progress: Progress) -> None:
        def from_a_thread() -> None:
            for n in range(100_000):
                progress(n / 100_000)

        for _ in range(4):
            await asyncio.to_thread(from_a_thread)
            await asyncio.sleep(0.3)

    probing = Probing(report)
    await link.watch_progress(collect)
    await probing.listen(link)
    async with worker(link, probing):
        await probing.submit(link, "a")
        await eventually(lambda: probing.probed == ["a"])
    mine = [each for each in seen if each.run_id == probing.run_id]
    assert 1 <= len(mine) <= 20
    assert (mine[0].step_id, mine[0].method, mine[0].attempt) == ("probe/a", probing.method, 1)
    assert 0 < mine[-1].fraction < 1


async def test_draining_hands_unfinished_steps_to_another_worker_at_once(
    nats_server: NatsServer,
) -> None:
    leaving, staying = Probing(hang), Probing()
    staying.run_id, staying.method = leaving.run_id, leaving.method
    async with linked(nats_server.url) as link, linked(nats_server.url) as other_link:
        await staying.listen(other_link)
        async with worker(
            link, leaving, settings=WorkerSettings(ack_wait_seconds=60, drain_seconds=0)
        ):
            await leaving.submit(link, "a")
            await eventually(lambda: leaving.started)
        async with worker(other_link, staying, settings=WorkerSettings(ack_wait_seconds=60)):
            await eventually(lambda: staying.probed == ["a"])
    assert _settled_count(leaving, "handed_back") == 1


async def test_draining_lets_a_step_finish_in_time(link: JetStreamLink) -> None:
    gate = asyncio.Event()

    async def take_a_moment(recording_id: str, progress: Progress) -> None:
        await gate.wait()

    probing = Probing(take_a_moment)
    await probing.listen(link)
    async with worker(link, probing, settings=WorkerSettings(drain_seconds=10)):
        await probing.submit(link, "a", "b", "c")
        await eventually(lambda: len(probing.started) == 2)
        asyncio.get_running_loop().call_later(0.3, gate.set)  # while it drains
    await eventually(lambda: probing.probed == ["a", "b"])
    assert await queued_count(link, probing) == 1


async def test_cancelling_a_run_empties_its_queue_and_stops_its_steps(
    link: JetStreamLink,
) -> None:
    probing, bystander = Probing(hang), Probing(hang)
    await probing.listen(link)
    async with worker(
        link, probing, bystander, settings=WorkerSettings(max_concurrent_steps=4, drain_seconds=0)
    ):
        await probing.submit(link, *"abcdef")
        await eventually(lambda: len(probing.started) == 4)
        await link.work_queue.cancel(probing.run_id)
        await eventually(lambda: is_empty(link, probing))
        await bystander.submit(link, "x")
        await eventually(lambda: bystander.started)  # the slots are free again
    assert (probing.finished, probing.failures) == ([], [])
    assert await queued_count(link, bystander) == 1


async def test_a_queue_without_a_worker_shows_it(link: JetStreamLink) -> None:
    probing = Probing()
    await probing.submit(link, "a", "b")
    state = await link.work_queue.backlog(probing.method)
    assert (state.pending_count, state.has_worker) == (2, False)
    async with worker(link, probing):
        await eventually(lambda: _has_idle_worker(link, probing))
    state = await link.work_queue.backlog(probing.method)
    assert (state.pending_count, state.in_flight_count, state.has_worker) == (0, 0, False)


async def test_methods_of_one_worker_take_turns(link: JetStreamLink) -> None:
    order: list[str] = []

    async def note(recording_id: str, progress: Progress) -> None:
        order.append(recording_id)

    bulk, fresh = Probing(note), Probing(note)
    await bulk.submit(link, *(f"bulk-{n}" for n in range(20)))
    await fresh.submit(link, "fresh")
    async with worker(link, bulk, fresh, settings=WorkerSettings(max_concurrent_steps=1)):
        await eventually(lambda: len(order) == 21)
    assert "fresh" in order[:3]


def _settled_count(probing: Probing, outcome: str) -> float | None:
    labels = {"method": probing.method, "outcome": outcome}
    return REGISTRY.get_sample_value("ttstrainer_work_settled_total", labels)


async def _has_idle_worker(link: JetStreamLink, probing: Probing) -> bool:
    state = await link.work_queue.backlog(probing.method)
    return state.has_worker and state.waiting_worker_count == 1
