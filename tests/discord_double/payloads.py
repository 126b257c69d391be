"""How Discord writes down what it tells about people, places and guilds."""

from typing import TYPE_CHECKING, Any

import discord

from tests.discord_double.places import Channel, ChannelKind, Role
from tests.discord_double.snowflakes import written_time

if TYPE_CHECKING:
    from tests.discord_double.guilds import Guild
    from tests.discord_double.people import Person, User

Json = dict[str, Any]


def user_payload(user: "User") -> Json:
    """A user, wherever they are."""
    return {
        "id": str(user.id),
        "username": user.name,
        "discriminator": "0",
        "global_name": None if user.is_bot else user.name.title(),
        "avatar": None,
        "bot": user.is_bot,
    }


def member_payload(person: "Person", *, with_user: bool = True) -> Json:
    """What a guild adds to a user."""
    payload: Json = {
        "roles": [str(role.id) for role in person.roles],
        "joined_at": "2026-01-01T00:00:00.000000+00:00",
        "deaf": False,
        "mute": person.is_muted,
        "nick": person.nickname,
        "flags": 0,
        "avatar": None,
        "premium_since": None,
    }
    if with_user:
        payload["user"] = user_payload(person.user)
    return payload


def voice_state_payload(person: "Person") -> Json:
    """Where a member sits, or None as the channel."""
    return {
        "guild_id": str(person.guild.id),
        "channel_id": str(person.channel.id) if person.channel else None,
        "user_id": str(person.id),
        "session_id": person.voice_session_id,
        "deaf": False,
        "mute": person.is_muted,
        "self_deaf": person.self_deaf,
        "self_mute": person.self_mute,
        "self_video": False,
        "suppress": person.is_suppressed,
        "request_to_speak_timestamp": None,
        "member": member_payload(person),
    }


def role_payload(role: Role) -> Json:
    """A role."""
    return {
        "id": str(role.id),
        "name": role.name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": role.position,
        "permissions": str(role.permissions.value),
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def channel_payload(channel: Channel) -> Json:
    """A channel, with its overwrites."""
    payload: Json = {"id": str(channel.id), "type": int(channel.kind)}
    if channel.guild is None:
        return payload | {"recipients": [], "last_message_id": None}
    if channel.parent:
        return payload | _thread_payload(channel, channel.guild.id, channel.parent.id)
    payload |= {
        "guild_id": str(channel.guild.id),
        "name": channel.name,
        "position": channel.guild.channels.index(channel),
        "parent_id": None,
        "nsfw": False,
        "permission_overwrites": [
            _overwrite_payload(holder, *overwrite.pair())
            for holder, overwrite in channel.overwrites.items()
        ],
    }
    if channel.kind is ChannelKind.TEXT:
        return payload | {"topic": None, "last_message_id": None}
    return payload | {
        "topic": None,
        "bitrate": 64_000,
        "user_limit": channel.user_limit,
        "rtc_region": None,
    }


def _thread_payload(thread: Channel, guild_id: int, parent_id: int) -> Json:
    return {
        "guild_id": str(guild_id),
        "parent_id": str(parent_id),
        "owner_id": str(guild_id),
        "name": thread.name,
        "message_count": 0,
        "member_count": 1,
        "last_message_id": None,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 1440,
            "archive_timestamp": written_time(),
            "locked": False,
        },
    }


def guild_payload(guild: "Guild", members: list["Person"]) -> Json:
    """A guild with the `members` that the bot is told of at once."""
    seated = [person for person in guild.people.values() if person.channel]
    states = [voice_state_payload(person) for person in seated]
    return {
        **_EMPTY_GUILD,
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(guild.owner.id),
        "joined_at": written_time(),
        "member_count": len(guild.people),
        "roles": [role_payload(role) for role in guild.roles],
        "members": [member_payload(person) for person in members],
        "channels": [channel_payload(channel) for channel in guild.channels],
        "voice_states": [
            {key: value for key, value in state.items() if key not in ("guild_id", "member")}
            for state in states
        ],
    }


def _overwrite_payload(
    holder: "Role | Person", allowed: discord.Permissions, denied: discord.Permissions
) -> Json:
    return {
        "id": str(holder.id),
        "type": 0 if isinstance(holder, Role) else 1,
        "allow": str(allowed.value),
        "deny": str(denied.value),
    }


_EMPTY_GUILD: Json = {
    "icon": None,
    "splash": None,
    "discovery_splash": None,
    "region": None,
    "afk_channel_id": None,
    "afk_timeout": 300,
    "verification_level": 0,
    "default_message_notifications": 0,
    "explicit_content_filter": 0,
    "emojis": [],
    "stickers": [],
    "features": [],
    "mfa_level": 0,
    "application_id": None,
    "system_channel_id": None,
    "system_channel_flags": 0,
    "rules_channel_id": None,
    "max_members": 500_000,
    "vanity_url_code": None,
    "description": None,
    "banner": None,
    "premium_tier": 0,
    "premium_subscription_count": 0,
    "preferred_locale": "en-US",
    "public_updates_channel_id": None,
    "nsfw_level": 0,
    "premium_progress_bar_enabled": False,
    "safety_alerts_channel_id": None,
    "large": False,
    "unavailable": False,
    "threads": [],
    "presences": [],
    "stage_instances": [],
    "guild_scheduled_events": [],
    "soundboard_sounds": [],
}
