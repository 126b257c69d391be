"""A sample of what `make prove-inference` tries 10,000 times: see tests/prove/inference."""

from tests.eventually import eventually
from tests.xtts_engines import an_engine, spoken
from tests.xtts_isolation import held, try_at_once, utterances


async def test_two_hundred_utterances_at_once_a_third_cancelled_disturb_each_other_in_nothing() -> (
    None
):
    async with an_engine(slot_count=8) as engine:
        alone = [(one, await spoken(engine, one)) for one in utterances(20, seed=1)]
        outcome = await try_at_once(engine, alone, 200, seed=2)

        assert outcome.different == []
        assert outcome.whole + outcome.cancelled == 200
        assert outcome.cancelled > 20
        assert len({spoken.samples.tobytes() for _, spoken in alone}) == len(alone)
        await eventually(lambda: engine._scheduler.under_way_count == 0)
        await eventually(lambda: not any(held(engine).values()))
