"""One thing at a time for each member."""

from types import SimpleNamespace
from typing import cast

import discord
import pytest

from bot.refusing import RefusedError
from bot.turns import Turns


def member(user_id: int, guild_id: int = 1) -> discord.Member:
    return cast("discord.Member", SimpleNamespace(id=user_id, guild=SimpleNamespace(id=guild_id)))


def test_a_member_has_one_turn_and_a_refusal_does_not_end_it() -> None:
    turns = Turns()
    with turns.of(member(2)):
        for _ in range(3):
            with pytest.raises(RefusedError, match="One after the other"), turns.of(member(2)):
                pass
        with turns.of(member(3)), turns.of(member(2, guild_id=9)):
            pass
    with turns.of(member(2)):
        pass


def test_what_fails_ends_the_turn() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="broken"), turns.of(member(2)):
        raise ValueError("broken")
    with turns.of(member(2)):
        pass
