"""What a person types for a setting, and reads of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.state.kinds.discord_ids import Channels, Role
from bot.state.kinds.durations import duration_of, in_words
from bot.state.kinds.kind import Kind
from bot.state.kinds.numbers import Pace, Seconds, Switch, Whole
from bot.state.kinds.words import Language, Voice, Word, Words
from services.chassis.errors import InvalidInputError

KINDS: list[Kind[Any]] = [
    Switch(),
    Whole(20, 4000, "characters"),
    Pace(),
    Pace(may_be_unset=True),
    Seconds(10, 86_400),
    Seconds(10, 86_400, may_be_never=True),
    Role(),
    Channels(3),
    Voice("the guild's"),
    Language(),
    Word(5),
    Words(3, 5),
]


@pytest.mark.parametrize(
    ("kind", "typed", "meant"),
    [
        (Switch(), " ON ", True),
        (Switch(), "No", False),
        (Whole(1, 5000, "characters"), "1,500", 1500),
        (Whole(1, 5000, "characters"), "300 characters", 300),
        (Pace(), "1,25", 1.25),
        (Pace(), "1.5x", 1.5),
        (Pace(), "80 %", 0.8),
        (Pace(may_be_unset=True), "none", 0.0),
        (Seconds(10, 86_400), "90", 90),
        (Seconds(10, 86_400), "5 min", 300),
        (Seconds(10, 86_400), "1h30m", 5400),
        (Seconds(10, 86_400), "1:30", 90),
        (Seconds(10, 86_400, may_be_never=True), "never", 0),
        (Role(), "<@&123456789012345678>", 123456789012345678),
        (Role(), "123456789012345678", 123456789012345678),
        (Role(), "none", 0),
        (Channels(3), "<#2><#1>, 3 <#1>", (1, 2, 3)),
        (Channels(3), "none", ()),
        (Voice(""), "joe", "joe"),
        (Voice(""), "None", ""),
        (Language(), "german", "de"),
        (Language(), "Deutsch", "de"),
        (Language(), "pt_BR", "pt-BR"),
        (Language(), "zh-cn", "zh-CN"),
        (Language(), "no", "no"),
        (Word(3), "-", "-"),
        (Word(3), "none", ""),
        (Words(3, 3), "!  - !", ("!", "-")),
    ],
)
def test_people_may_write_a_value_in_several_ways(
    kind: Kind[Any], typed: str, meant: object
) -> None:
    assert kind.parse(typed) == meant


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (Switch(), "perhaps"),
        (Whole(20, 4000, "characters"), "19"),
        (Whole(20, 4000, "characters"), "4001"),
        (Whole(20, 4000, "characters"), "-50"),
        (Whole(20, 4000, "characters"), "9" * 500),
        (Whole(20, 4000, "characters"), "²²"),
        (Pace(), "nan"),
        (Pace(), "inf"),
        (Pace(), "0.4"),
        (Pace(), "none"),
        (Seconds(10, 60), "9"),
        (Seconds(10, 60), "2 min"),
        (Seconds(10, 60), "never"),
        (Seconds(10, 60), ""),
        (Role(), "<@123>"),
        (Role(), "0"),
        (Role(), "9" * 20),
        (Channels(2), "<#1> <#2> <#3>"),
        (Channels(2), "general"),
        (Voice(""), "../x"),
        (Voice(""), "x" * 64),
        (Language(), "gobbledygook"),
        (Word(3), "long word"),
        (Word(3), "long"),
        (Words(2, 3), "a b c"),
        (Words(2, 3), "abcd"),
    ],
)
def test_what_is_refused_is_told_with_what_is_possible(kind: Kind[Any], typed: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        kind.parse(typed)
    assert kind.hint in refusal.value.message
    assert len(refusal.value.message) < 300


@pytest.mark.parametrize("kind", KINDS, ids=repr)
@given(typed=st.text(max_size=80))
def test_whatever_is_typed_is_a_value_that_can_be_kept_or_is_refused(
    kind: Kind[Any], typed: str
) -> None:
    try:
        value = kind.parse(typed)
    except InvalidInputError:
        return
    assert kind.restore(kind.store(value)) == value
    assert kind.show(value)


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_what_is_suggested_can_be_chosen(kind: Kind[Any]) -> None:
    for suggestion in kind.suggestions:
        kind.parse(suggestion)


@given(st.integers(0, 10_000_000))
def test_a_time_that_was_shown_can_be_typed_again(seconds: int) -> None:
    assert duration_of(in_words(seconds)) == seconds


def test_what_is_chosen_is_shown_as_discord_shows_it() -> None:
    assert Role().show(5) == "<@&5>"
    assert Role().show(0) == "none"
    assert Channels(3).show((1, 2)) == "<#1> <#2>"
    assert Seconds(10, 600, may_be_never=True).show(0) == "never"
    assert Seconds(10, 600).show(90) == "1 minute 30 seconds"
    assert Language().show("de") == "Deutsch (de)"
    assert Language().show("pt-BR") == "português (pt-BR)"
    assert Language().show("") == "the voice's own"
    assert Words(3, 3).show(("!", "$")) == "! $"
    assert Whole(1, 2, "times").show(2) == "2 times"
