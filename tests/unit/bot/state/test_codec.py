"""How what is remembered is stored."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.state.codec import BANS, DICTIONARIES, GUILDS, MEMBERS, Codec
from bot.state.kinds.kind import UnreadableValueError
from bot.state.model import Ban, GuildSettings, MemberSettings
from bot.text.dictionary import Dictionary

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
JSON = (
    SCALARS
    | st.lists(SCALARS, max_size=4)
    | st.dictionaries(st.text(max_size=9), SCALARS, max_size=4)
)


def test_what_was_chosen_is_read_again() -> None:
    guild = GuildSettings(voice_id="joe", autoread_channel_ids=(1, 2**63), ignored_prefixes=("-",))
    assert GUILDS.decode(GUILDS.encode(guild)) == guild
    member = MemberSettings(language_code="de", speed=1.5)
    assert MEMBERS.decode(MEMBERS.encode(member)) == member
    words = Dictionary({"GIF": "djif", "été": "summer"})
    assert DICTIONARIES.decode(DICTIONARIES.encode(words)) == words
    ban = Ban(reason="noise", banned_by_id=3, banned_at=1.5)
    assert BANS.decode(BANS.encode(ban)) == ban


def test_defaults_are_not_stored_so_that_better_ones_reach_those_who_chose_nothing() -> None:
    assert GUILDS.encode(GuildSettings()) == b""
    assert json.loads(GUILDS.encode(GuildSettings(speed=1.5))) == {"speed": 1.5}
    assert DICTIONARIES.encode(Dictionary()) == b""
    assert BANS.encode(None) == b""
    assert BANS.encode(Ban()) != b""


def test_what_a_newer_release_stored_stays_when_an_older_one_changes_something() -> None:
    stored = b'{"speed": 1.5, "whispers": {"softly": true}}'
    changed = GUILDS.encode(GuildSettings(voice_id="joe"), stored)
    assert json.loads(changed) == {"voice_id": "joe", "whispers": {"softly": True}}


def test_what_an_older_release_did_not_store_is_the_default() -> None:
    assert GUILDS.decode(b'{"voice_id": "joe"}') == GuildSettings(voice_id="joe")


def test_a_number_from_when_the_bounds_were_wider_is_brought_into_them() -> None:
    assert GUILDS.decode(b'{"max_characters": 90000, "speed": 0.1}') == GuildSettings(
        max_characters=4000, speed=0.5
    )


def test_a_field_that_makes_no_sense_leaves_the_others_be() -> None:
    stored = b'{"voice_id": 7, "announce_names": "no", "required_role_id": -1, "speed": 1.5}'
    assert GUILDS.decode(stored) == GuildSettings(speed=1.5)
    words = b'{"entries": {"a": "b", "": "x", "c": 3, "d": ""}}'
    assert DICTIONARIES.decode(words) == Dictionary({"a": "b"})


@pytest.mark.parametrize("stored", [b"\xff", b"[]", b"7", b"{", b"[" * 100_000])
def test_what_is_no_object_is_told_apart_from_nothing(stored: bytes) -> None:
    with pytest.raises(UnreadableValueError):
        GUILDS.decode(stored)
    assert GUILDS.encode(GuildSettings(speed=2.0), stored) == b'{"speed":2.0}'


@pytest.mark.parametrize("codec", [GUILDS, MEMBERS, DICTIONARIES, BANS])
@given(data=st.data())
def test_any_object_is_read_as_something_that_is_stored_again_alike(
    codec: Codec[object], data: st.DataObject
) -> None:
    names = st.sampled_from(sorted(codec.known)) | st.text(max_size=9)
    stored = data.draw(st.dictionaries(names, JSON, max_size=6))
    value = codec.decode(json.dumps(stored).encode())
    if encoded := codec.encode(value):
        assert codec.decode(encoded) == value
    else:
        assert value == codec.default
