"""How words are to be spoken, as guilds and members have said."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.dictionary import (
    LONGEST_SPOKEN,
    LONGEST_WRITTEN,
    MOST_OF_A_GUILD,
    MOST_OF_A_PERSON,
    Dictionary,
    pronunciations,
)
from services.chassis.errors import InvalidInputError, NotFoundError
from services.inference.speaking.options import SpeechOptions


def test_a_word_is_added_changed_and_removed_whatever_its_case() -> None:
    words = Dictionary().with_entry(" nginx ", "engine  ex", most=5)
    assert words.entries == {"nginx": "engine ex"}
    changed = words.with_entry("NGINX", "en gee", most=5)
    assert changed.entries == {"NGINX": "en gee"}
    assert changed.without("Nginx") == Dictionary()
    assert words.entries == {"nginx": "engine ex"}, "the old one is as it was"


def test_a_word_that_is_not_there_is_not_removed() -> None:
    with pytest.raises(NotFoundError, match="dictionary list"):
        Dictionary({"a": "b"}).without("c")


def test_a_full_dictionary_takes_changes_and_no_more_words() -> None:
    words = Dictionary({"a": "1", "b": "2"})
    assert words.with_entry("A", "3", most=2).entries == {"b": "2", "A": "3"}
    with pytest.raises(InvalidInputError, match="full"):
        words.with_entry("c", "3", most=2)


@pytest.mark.parametrize(
    ("written", "spoken"),
    [("", "x"), (" \n ", "x"), ("x", ""), ("x" * (LONGEST_WRITTEN + 1), "x"), ("x", "y" * 151)],
)
def test_words_that_are_empty_or_too_long_are_refused(written: str, spoken: str) -> None:
    with pytest.raises(InvalidInputError):
        Dictionary().with_entry(written, spoken, most=5)


def test_those_that_occur_are_told_and_a_members_own_win() -> None:
    guild = Dictionary({"GIF": "jif", "nginx": "engine ex", "unused": "x"})
    own = Dictionary({"gif": "ghif", "straße": "street"})
    found = pronunciations("A gif about NGINX in the STRASSE", own=own, guild=guild)
    assert dict(found) == {"gif": "ghif", "nginx": "engine ex", "straße": "street"}


def test_the_largest_dictionaries_are_no_more_than_the_inference_service_takes() -> None:
    def full(count: int, first: str) -> Dictionary:
        word = first * (LONGEST_WRITTEN - 3)
        return Dictionary({f"{i:03d}{word}": "y" * LONGEST_SPOKEN for i in range(count)})

    guild, own = full(MOST_OF_A_GUILD, "g"), full(MOST_OF_A_PERSON, "o")
    text = " ".join([*guild.entries, *own.entries])
    found = pronunciations(text, own=own, guild=guild)
    assert len(found) == MOST_OF_A_GUILD + MOST_OF_A_PERSON
    SpeechOptions(pronunciations=dict(found)).check()


@given(st.text(max_size=60), st.text(max_size=160))
def test_what_is_taken_can_be_found_and_removed_again(written: str, spoken: str) -> None:
    try:
        words = Dictionary().with_entry(written, spoken, most=1)
    except InvalidInputError:
        return
    (entry,) = words.entries.items()
    decomposed = unicodedata.normalize("NFD", f"say {entry[0]} twice")
    assert pronunciations(decomposed, own=words, guild=Dictionary()) == (entry,)
    assert words.without(written) == Dictionary()
