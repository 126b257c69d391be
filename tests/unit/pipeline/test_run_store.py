"""Many runs are read some at a time, and told in the order in which they were asked for."""

from datetime import UTC, datetime, timedelta

from services.pipeline.new_run import Source, new_run, run_id_of
from services.pipeline.run_model import Options
from services.pipeline.run_store import READS_AT_ONCE, RunStore
from tests.fakes.key_value import InMemoryKeyValue

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


async def test_many_runs_come_in_their_order_and_those_that_are_gone_do_not() -> None:
    store = RunStore(InMemoryKeyValue())
    times = [BEGIN + timedelta(seconds=second) for second in range(3 * READS_AT_ONCE + 1)]
    run_ids = [run_id_of("request", time) for time in reversed(times)]
    gone = {run_ids[0], run_ids[READS_AT_ONCE], run_ids[-1]}
    for run_id in sorted({*run_ids} - gone):
        await store.create(new_run(run_id, "ada", [Source("a" * 64)], Options(), BEGIN))

    found = [run.run_id async for run in store.runs(run_ids)]

    assert found == [run_id for run_id in run_ids if run_id not in gone]
