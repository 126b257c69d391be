"""The settings of guilds and members, as a command finds, shows and changes them."""

from dataclasses import fields
from typing import Any

import pytest

from bot.state.model import GUILD_SETTINGS, MEMBER_SETTINGS, GuildSettings, MemberSettings
from bot.state.setting import Setting, named
from services.chassis.errors import InvalidInputError, NotFoundError

ALL: list[Setting[Any]] = [*GUILD_SETTINGS.values(), *MEMBER_SETTINGS.values()]


def test_every_field_is_a_setting_with_a_description_and_bounds() -> None:
    assert list(GUILD_SETTINGS) == [field.name for field in fields(GuildSettings)]
    assert list(MEMBER_SETTINGS) == [field.name for field in fields(MemberSettings)]
    for setting in ALL:
        assert setting.description
        assert setting.kind.hint


def test_every_default_is_a_value_that_one_may_choose() -> None:
    for setting in ALL:
        stored = setting.kind.store(setting.default)
        assert setting.kind.restore(stored) == setting.default, setting.name


def test_a_setting_is_found_by_its_name_however_its_words_are_joined() -> None:
    for typed in ("max_characters", "max-characters", " Max  Characters "):
        assert named(GUILD_SETTINGS, typed).name == "max_characters"


def test_a_name_that_is_mistyped_is_answered_with_the_one_that_was_meant() -> None:
    with pytest.raises(NotFoundError, match="Did you mean `max_characters`"):
        named(GUILD_SETTINGS, "max_charakters")
    with pytest.raises(NotFoundError, match="`settings` lists them all"):
        named(GUILD_SETTINGS, "xyzzy")


def test_one_setting_is_changed_and_the_others_stay() -> None:
    before = GuildSettings(voice_id="joe")
    after = named(GUILD_SETTINGS, "idle leave seconds").changed(before, "15 min")
    assert after == GuildSettings(voice_id="joe", idle_leave_seconds=900)
    assert GUILD_SETTINGS["idle_leave_seconds"].shown(after) == "15 minutes"


def test_a_setting_goes_back_to_its_default() -> None:
    setting = GUILD_SETTINGS["announce_names"]
    assert setting.changed(GuildSettings(announce_names=False), "Default") == GuildSettings()


def test_a_refusal_names_the_setting() -> None:
    with pytest.raises(InvalidInputError) as refusal:
        GUILD_SETTINGS["speed"].changed(GuildSettings(), "9")
    assert refusal.value.field == "speed"
