"""The link that invites the bot."""

from urllib.parse import parse_qs, urlsplit

import discord

from bot.invitation import PERMISSIONS, invitation


def test_the_link_asks_for_what_the_bot_needs_and_for_its_commands() -> None:
    query = parse_qs(urlsplit(invitation(1234)).query)
    assert query["client_id"] == ["1234"]
    assert query["scope"] == ["bot applications.commands"]
    assert discord.Permissions(int(query["permissions"][0])) == PERMISSIONS


def test_the_bot_does_not_ask_for_more_than_it_needs() -> None:
    assert PERMISSIONS.connect
    assert PERMISSIONS.speak
    assert not PERMISSIONS.administrator
    assert not PERMISSIONS.manage_guild
