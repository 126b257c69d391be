"""Whose a cloned voice is."""

import pytest

from bot.ownership import is_own, may_use, own_voice_id, owner_of
from services.inference.voices.voice import VOICE_ID

ADA, BOB, TOWN, VILLAGE = 2**63, 12, 2**64 - 1, 7


def test_the_id_of_a_voice_is_one_that_the_service_takes() -> None:
    assert VOICE_ID.fullmatch(own_voice_id(TOWN, ADA, "0123abcd"))


def test_a_voice_is_its_maker_s_in_the_guild_where_it_was_made() -> None:
    voice_id = own_voice_id(TOWN, ADA, "0123abcd")
    assert owner_of(voice_id) == (TOWN, ADA)
    assert is_own(voice_id, TOWN, ADA)
    assert may_use(voice_id, TOWN, ADA)


@pytest.mark.parametrize(("guild_id", "user_id"), [(TOWN, BOB), (VILLAGE, ADA)])
def test_nobody_else_may_use_it_nor_its_maker_elsewhere(guild_id: int, user_id: int) -> None:
    voice_id = own_voice_id(TOWN, ADA, "0123abcd")
    assert not is_own(voice_id, guild_id, user_id)
    assert not may_use(voice_id, guild_id, user_id)


@pytest.mark.parametrize("voice_id", ["joe", "discord-x-1-0123abcd", "discord-1-2-nothexxx", ""])
def test_all_others_are_everybody_s(voice_id: str) -> None:
    assert owner_of(voice_id) is None
    assert may_use(voice_id, TOWN, BOB)
