"""What the bot must be allowed to do in a guild, and the link that asks for it."""

from typing import Final

import discord

PERMISSIONS: Final = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    attach_files=True,
    add_reactions=True,
    read_message_history=True,
    connect=True,
    speak=True,
    use_voice_activation=True,
)
SCOPES: Final = ("bot", "applications.commands")


def invitation(application_id: int) -> str:
    """Returns the address that a person opens to invite the bot into a guild of theirs."""
    return discord.utils.oauth_url(application_id, permissions=PERMISSIONS, scopes=SCOPES)
