"""Old runs leave the state: as a whole, whatever breaks, and nobody else's."""

from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from services.chassis.errors import NotFoundError, UnavailableError
from services.chassis.key_value import Entry
from services.pipeline.assembly import assembled
from services.pipeline.retention import Retention
from services.pipeline.run_model import Options, State
from services.pipeline.run_removal import RunRemoval
from services.pipeline.settings import PipelineSettings
from tests.fakes.key_value import InMemoryKeyValue
from tests.fakes.pipeline import Clock, source
from tests.fakes.pipeline_over_fakes import PipelineOverFakes

DAY_SECONDS = 24 * 3600.0
KEPT_FOR = timedelta(days=90)


@pytest.fixture
def inside() -> PipelineOverFakes:
    return PipelineOverFakes()


async def started(inside: PipelineOverFakes, *names: str, request_id: str = "") -> str:
    """Starts a run on recordings of these names; a second later than any other."""
    inside.clock.pass_seconds(1)
    sources = [source(name) for name in names or "ab"]
    return (await inside.pipeline.runs.start("ada", sources, Options(), request_id)).run.run_id


async def succeeded(inside: PipelineOverFakes, *names: str) -> str:
    run_id = await started(inside, *names)
    async with inside.hearing():
        await inside.work_off()
    assert (await inside.pipeline.runs.get(run_id)).run.state is State.SUCCEEDED
    return run_id


async def cancelled(inside: PipelineOverFakes, *, request_id: str = "") -> str:
    run_id = await started(inside, request_id=request_id)
    await inside.pipeline.runs.cancel(run_id)
    return run_id


async def listed(inside: PipelineOverFakes) -> list[str]:
    page = await inside.pipeline.runs.page(100, "")
    return [each.run.run_id for each in page.runs]


def retention_over(bucket: InMemoryKeyValue, clock: Clock) -> Retention:
    return Retention(RunRemoval(bucket), KEPT_FOR, clock, pause_seconds=0)


async def look(inside: PipelineOverFakes) -> None:
    await retention_over(inside.bucket, inside.clock).look()


async def test_a_run_that_ended_long_ago_leaves_nothing_behind(inside: PipelineOverFakes) -> None:
    await cancelled(inside)
    inside.clock.pass_seconds(89 * DAY_SECONDS)
    await look(inside)
    assert len(await listed(inside)) == 1

    inside.clock.pass_seconds(DAY_SECONDS + 1)
    await look(inside)

    assert await listed(inside) == []
    assert inside.bucket.entries == {}


async def test_who_asks_for_a_run_that_has_left_hears_how_long_runs_are_kept(
    inside: PipelineOverFakes,
) -> None:
    run_id = await cancelled(inside)
    inside.clock.pass_seconds(91 * DAY_SECONDS)
    await look(inside)

    runs = inside.pipeline.runs
    for call in (runs.get(run_id), runs.retry(run_id), runs.cancel(run_id)):
        with pytest.raises(NotFoundError, match="kept for 90 days after their end") as raised:
            await call
        assert raised.value.reason == "RUN_NOT_FOUND"


async def test_drops_can_still_add_to_what_a_voice_built_long_ago(
    inside: PipelineOverFakes,
) -> None:
    await succeeded(inside, "a")
    last = await succeeded(inside, "a", "b")
    await cancelled(inside)
    inside.clock.pass_seconds(900 * DAY_SECONDS)
    for _ in range(2):
        await look(inside)

    assert await listed(inside) == [last]
    assert [it.display_name for it in await inside.pipeline.runs.sources_of("ada")] == ["a", "b"]


async def test_a_run_that_takes_long_stays_and_can_end(inside: PipelineOverFakes) -> None:
    run_id = await started(inside, request_id="long")
    inside.clock.pass_seconds(91 * DAY_SECONDS)
    await look(inside)
    assert await started(inside, request_id="long") == run_id

    async with inside.hearing():
        await inside.work_off()

    assert (await inside.pipeline.runs.get(run_id)).run.state is State.SUCCEEDED


async def test_a_run_that_somebody_goes_on_with_stays(inside: PipelineOverFakes) -> None:
    run_id = await cancelled(inside)
    inside.clock.pass_seconds(91 * DAY_SECONDS)
    removal = RunRemoval(inside.bucket)
    (kept,) = [it async for it in removal.runs_untouched(inside.clock())]

    await inside.pipeline.runs.retry(run_id)

    assert not await removal.remove(kept)
    assert (await inside.pipeline.runs.get(run_id)).run.state is State.RUNNING
    assert not [key for key in inside.bucket.entries if key.startswith("leaving.")]


async def test_a_request_that_comes_again_after_its_run_has_left_starts_another(
    inside: PipelineOverFakes,
) -> None:
    first = await cancelled(inside, request_id="again")
    inside.clock.pass_seconds(91 * DAY_SECONDS)
    await look(inside)

    second = await started(inside, request_id="again")

    assert second != first
    assert await listed(inside) == [second]


class DyingBucket(InMemoryKeyValue):
    """Takes so many removals and no more, as if the process had died there."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.removals_left = 1_000_000

    async def delete(self, key: str, revision: int | None = None) -> None:
        if self.removals_left == 0:
            raise UnavailableError("We died.")
        await super().delete(key, revision)
        self.removals_left -= 1


@pytest.mark.parametrize("removal_count", range(8))
async def test_a_removal_that_a_crash_cut_short_shows_no_broken_run_and_is_finished_later(
    removal_count: int,
) -> None:
    inside = PipelineOverFakes()
    bucket = inside.bucket = DyingBucket(inside.clock)
    inside.pipeline = inside.another_instance()
    run_id = await cancelled(inside)
    inside.clock.pass_seconds(91 * DAY_SECONDS)

    bucket.removals_left = removal_count
    died = False
    try:
        await look(inside)
    except UnavailableError:
        died = True
    assert died is (removal_count < 6), "a request, a head, two recordings, a flag and a mark"
    submitted_count = len(inside.work_queue.submitted)
    bucket.removals_left = 1_000_000
    await inside.another_instance().sweep.sweep()
    assert len(inside.work_queue.submitted) == submitted_count, "nobody goes on with it"
    if await listed(inside):
        assert len((await inside.pipeline.runs.get(run_id)).recordings) == 2
    else:
        with pytest.raises(NotFoundError, match="There is no run"):
            await inside.pipeline.runs.get(run_id)

    await look(inside)

    assert bucket.entries == {}


async def test_a_mark_of_a_removal_that_never_began_harms_no_run_that_went_on(
    inside: PipelineOverFakes,
) -> None:
    run_id = await cancelled(inside)
    await inside.bucket.create(f"leaving.{run_id}", b"1")
    inside.clock.pass_seconds(91 * DAY_SECONDS)
    await inside.pipeline.runs.retry(run_id)
    await inside.pipeline.runs.cancel(run_id)

    await look(inside)

    assert await listed(inside) == [run_id]
    assert f"leaving.{run_id}" not in inside.bucket.entries


async def test_what_was_left_of_a_run_that_was_never_created_goes(
    inside: PipelineOverFakes,
) -> None:
    run_id = await started(inside)
    await inside.bucket.delete(f"run.{run_id}.head")
    await look(inside)
    assert inside.bucket.entries, "it may be about to be created"

    inside.clock.pass_seconds(91 * DAY_SECONDS)
    await look(inside)

    assert inside.bucket.entries == {}


class VanishingBucket(InMemoryKeyValue):
    """Somebody removes a run just after its head was read."""

    vanishing = ""

    async def get(self, key: str) -> Entry | None:
        found = await super().get(key)
        if self.vanishing and key == f"run.{self.vanishing}.head":
            for each in [it for it in self.entries if self.vanishing in it]:
                await self.delete(each)
        return found


async def test_a_run_that_leaves_while_it_is_read_is_unknown_and_not_broken() -> None:
    inside = PipelineOverFakes()
    bucket = inside.bucket = VanishingBucket(inside.clock)
    inside.pipeline = inside.another_instance()
    first, second, third = [await cancelled(inside) for _ in range(3)]

    bucket.vanishing = second
    assert await listed(inside) == [third, first]
    bucket.vanishing = first
    with pytest.raises(NotFoundError, match="There is no run"):
        await inside.pipeline.runs.get(first)


async def test_pages_go_on_behind_a_run_that_has_left(inside: PipelineOverFakes) -> None:
    old, middle, new = [await cancelled(inside) for _ in range(3)]
    page = await inside.pipeline.runs.page(2, "")
    assert [it.run.run_id for it in page.runs] == [new, middle]
    for key in [it for it in inside.bucket.entries if middle in it]:
        await inside.bucket.delete(key)

    rest = await inside.pipeline.runs.page(2, page.next_page_token)

    assert [it.run.run_id for it in rest.runs] == [old]


async def test_each_run_is_counted_once(inside: PipelineOverFakes) -> None:
    def count() -> float:
        return REGISTRY.get_sample_value("ttstrainer_runs_removed_total") or 0.0

    for _ in range(3):
        await cancelled(inside)
    inside.clock.pass_seconds(91 * DAY_SECONDS)
    before = count()
    for _ in range(2):
        await look(inside)

    assert count() - before == 3


def test_runs_stay_for_ever_where_that_is_asked_for() -> None:
    inside = PipelineOverFakes()
    settings = PipelineSettings(store_url="file:///unused", run_retention_days=0)
    pipeline = assembled(
        settings,
        bucket=inside.bucket,
        bus=inside.bus,
        work_queue=inside.work_queue,
        clock=inside.clock,
        stopping=inside.stopping,
    )
    assert pipeline.retention is None
    assert inside.pipeline.retention is not None
