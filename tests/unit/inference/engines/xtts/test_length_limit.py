"""An utterance that goes on for longer than its text can take is ended."""

import pytest

from services.inference.engines.engine import FinishReason
from services.inference.engines.xtts.length_limit import LengthLimit, RunawayGuard, length_limit

TOKEN_SECONDS = 1024 / 22_050


def limit_of(
    text: str, *, speed: float = 1.0, max_seconds: float = 60.0, guard: RunawayGuard | None = None
) -> LengthLimit:
    return length_limit(
        text,
        speed=speed,
        max_seconds=max_seconds,
        token_seconds=TOKEN_SECONDS,
        model_token_count=602,
        guard=guard or RunawayGuard(),
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Yes.", 0.6),
        ("The old clock on the wall struck seven, and nobody moved.", 4.0),
        ("Старые часы на стене пробили семь, и никто не шевельнулся.", 4.5),
        ("墙上的旧钟敲了七下,没有人动。", 4.0),
    ],
)
def test_a_text_may_take_twice_as_long_as_people_need_in_any_language(
    text: str, seconds: float
) -> None:
    limit = limit_of(text)

    assert limit.reason is FinishReason.RUNAWAY
    assert limit.token_count * TOKEN_SECONDS > 2 * seconds


def test_a_short_text_is_no_excuse_for_half_a_minute() -> None:
    assert limit_of("Yes.").token_count * TOKEN_SECONDS < 3


def test_the_caller_and_the_model_have_limits_of_their_own() -> None:
    assert limit_of("a" * 250) == LengthLimit(602, FinishReason.MAX_LENGTH)
    assert limit_of("a" * 250, max_seconds=10) == LengthLimit(215, FinishReason.MAX_LENGTH)


def test_fast_speech_fits_more_tokens_into_the_same_time() -> None:
    assert limit_of("a" * 250, max_seconds=10, speed=2).token_count == 430


def test_there_is_always_one_token() -> None:
    assert limit_of("a", max_seconds=0.01).token_count == 1


def test_the_guard_can_be_set() -> None:
    guard = RunawayGuard(seconds=1, seconds_per_byte=0)

    assert limit_of("a" * 250, guard=guard) == LengthLimit(21, FinishReason.RUNAWAY)
