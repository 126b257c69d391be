"""What a caller may choose, and what is refused."""

import math

import pytest

from services.chassis.errors import InvalidInputError
from services.inference.engines.engine import Sampling
from services.inference.speaking.options import SpeechOptions


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("speed", [0.49, 2.01, math.nan, math.inf]),
        ("temperature", [0.0, -1.0, 2.1, math.nan]),
        ("top_k", [0, -3, 101]),
        ("top_p", [0.0, 1.01, math.nan]),
        ("repetition_penalty", [0.99, 20.1, math.nan]),
        ("sample_rate_hertz", [7_999, 48_001, -1]),
        ("max_audio_seconds", [-1.0, math.nan]),
        ("pronunciations", [{" ": "x"}, {"x" * 201: "y"}, {str(n): "x" for n in range(1001)}]),
    ],
)
def test_an_option_out_of_range_is_refused_by_name(field: str, values: list[object]) -> None:
    for value in values:
        options = SpeechOptions(**{field: value})  # type: ignore[arg-type]
        with pytest.raises(InvalidInputError, match=field) as refused:
            options.check()
        assert refused.value.field == f"options.{field}"
        assert refused.value.reason == "OPTION_OUT_OF_RANGE"


def test_the_ends_of_the_ranges_are_taken() -> None:
    for options in (
        SpeechOptions(),
        SpeechOptions(speed=0.5, top_k=1, repetition_penalty=1, sample_rate_hertz=8_000),
        SpeechOptions(speed=2, temperature=2, top_k=100, top_p=1, repetition_penalty=20),
    ):
        options.check()


def test_what_is_not_chosen_is_as_xtts_has_it() -> None:
    assert SpeechOptions().sampling(7) == Sampling(seed=7)
    greedy = SpeechOptions(top_k=1, temperature=0.1).sampling(0)
    assert (greedy.top_k, greedy.temperature, greedy.top_p) == (1, 0.1, Sampling().top_p)
