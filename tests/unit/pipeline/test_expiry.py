"""Which runs may go: the old ones, but each voice's last success."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.pipeline.expiry import Expiry, KeptRun
from services.pipeline.run_model import Options, Run, State
from tests.fakes.pipeline import NOW

CUTOFF = NOW - timedelta(days=90)


def kept(
    name: str, state: State = State.SUCCEEDED, *, days_after_cutoff: float = -1, voice: str = "ada"
) -> KeptRun:
    end_time = None if state is State.RUNNING else CUTOFF + timedelta(days=days_after_cutoff)
    return KeptRun(Run(name, voice, Options(), NOW, (), state=state, end_time=end_time), 1)


def gone(runs: Sequence[KeptRun]) -> list[str]:
    expiry = Expiry(CUTOFF)
    return [leaving.run.run_id for each in runs if (leaving := expiry.look(each))]


def test_runs_that_failed_or_were_cancelled_long_ago_go() -> None:
    assert gone([kept("1", State.FAILED), kept("2", State.CANCELLED)]) == ["1", "2"]


def test_what_has_not_ended_or_not_long_ago_stays() -> None:
    runs = [kept("1", State.RUNNING), kept("2", State.FAILED, days_after_cutoff=0), kept("3")]
    assert gone(runs) == []


def test_the_last_success_of_each_voice_stays() -> None:
    runs = [kept("1"), kept("2", voice="bob"), kept("3"), kept("4", State.FAILED)]
    assert gone(runs) == ["1", "4"]


def test_a_success_goes_only_when_the_next_one_is_old_as_well() -> None:
    assert gone([kept("1"), kept("2", days_after_cutoff=1)]) == []
    assert gone([kept("1"), kept("2")]) == ["1"]


RUNS = st.lists(
    st.builds(
        kept,
        st.integers(0, 999).map("{:03}".format),
        st.sampled_from(State),
        days_after_cutoff=st.floats(-3, 3),
        voice=st.sampled_from(("ada", "bob", "eve")),
    ),
    unique_by=lambda it: it.run.run_id,
)


@given(RUNS)
def test_all_that_is_old_goes_but_one_success_a_voice(runs: list[KeptRun]) -> None:
    leaving = gone(runs)

    assert len(leaving) == len(set(leaving))
    left = [it.run for it in runs if it.run.run_id not in leaving]
    old = [it for it in left if it.end_time and it.end_time < CUTOFF]
    assert all(it.state is State.SUCCEEDED for it in old)
    assert len({it.voice for it in old}) == len(old)
    for it in runs:
        run = it.run
        if run.end_time is None or run.end_time >= CUTOFF:
            assert run in left


@given(RUNS)
def test_what_a_voice_built_last_stays(runs: list[KeptRun]) -> None:
    last = {
        it.run.voice: it.run.run_id
        for it in sorted(runs, key=lambda it: it.run.run_id)
        if it.run.state is State.SUCCEEDED
    }
    assert not set(last.values()) & set(gone(runs))


@given(RUNS.flatmap(lambda runs: st.tuples(st.just(runs), st.permutations(runs))))
def test_the_order_of_looking_does_not_matter(orders: tuple[list[KeptRun], list[KeptRun]]) -> None:
    one, other = orders
    assert sorted(gone(one)) == sorted(gone(other))
