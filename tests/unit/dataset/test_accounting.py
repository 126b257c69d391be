import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dataset.accounting import Account, account_of, rejections
from services.dataset.candidate import Reason
from tests.unit.dataset.clips import SAMPLE_RATE_HERTZ, clip

NOISY = Reason("audio-qc", "NOISY", "")
CUT = Reason("transcription", "CUT_WORD", "")


@given(
    st.lists(st.tuples(st.floats(0.1, 12), st.booleans()), max_size=30),
    st.integers(0, 10**8),
    st.integers(0, 10**8),
    st.floats(0, 100),
)
def test_the_parts_add_up_to_the_input(
    clips: list[tuple[float, bool]], silent: int, sounding: int, missing: float
) -> None:
    candidates = [
        clip("a", 20 * n, seconds, reasons=() if kept else (NOISY,))
        for n, (seconds, kept) in enumerate(clips)
    ]
    account = account_of(
        candidates,
        silent_samples=silent,
        sounding_samples=sounding,
        sample_rate_hertz=SAMPLE_RATE_HERTZ,
        missing_seconds=missing,
    )
    samples = sum(c.end_sample - c.start_sample for c in candidates) + silent + sounding
    assert account.input_seconds == pytest.approx(samples / SAMPLE_RATE_HERTZ + missing, abs=1e-3)


def test_accounts_add_part_by_part() -> None:
    total = Account(1, 2, 3, 4, 5) + Account(10, 20, 30, 40, 50)
    assert total == Account(11, 22, 33, 44, 55)


def test_a_clip_with_two_reasons_costs_both_and_is_recoverable_by_neither() -> None:
    both = clip("a", 0, 4, reasons=(NOISY, CUT))
    noisy = clip("a", 10, 3, reasons=(NOISY,))
    costs = {r.code: r for r in rejections([both, noisy, clip("a", 20)])}
    assert (costs["NOISY"].seconds, costs["NOISY"].recoverable_seconds) == (7, 3)
    assert (costs["CUT_WORD"].seconds, costs["CUT_WORD"].recoverable_seconds) == (4, 0)
    assert (costs["NOISY"].clip_count, costs["CUT_WORD"].clip_count) == (2, 1)
