"""REST about the bot itself, its guilds and who is in them."""

from typing import TYPE_CHECKING

from tests.discord_double.payloads import (
    Json,
    channel_payload,
    guild_payload,
    member_payload,
    user_payload,
)
from tests.discord_double.places import ChannelKind, permissions_of
from tests.discord_double.refusals import (
    MISSING_PERMISSIONS,
    UNKNOWN_CHANNEL,
    UNKNOWN_MEMBER,
    UNKNOWN_USER,
)
from tests.discord_double.requests import Answer, NoRoute, Request

if TYPE_CHECKING:
    from tests.discord_double.guilds import Guild
    from tests.discord_double.places import Channel
    from tests.discord_double.world import World


def bot_routes(world: "World", request: Request) -> Answer:
    """Answers what the bot asks about itself and about people, or raises NoRoute."""
    match request.call:
        case ("GET", ["users", "@me"]):
            return user_payload(world.bot)
        case ("GET", ["users", user_id]):
            return _user(world, int(user_id))
        case ("GET", ["oauth2", "applications", "@me"]):
            return _application(world)
        case ("GET", ["gateway", "bot"]):
            return _gateway()
        case ("POST", ["users", "@me", "channels"]):
            user = world.user_of(int(request.body["recipient_id"]))
            direct = world.direct_channel(user)
            return channel_payload(direct) | {"recipients": [user_payload(user)]}
    raise NoRoute


def guild_routes(world: "World", request: Request) -> Answer:
    """Answers what it asks about guilds and channels, or raises NoRoute."""
    match request.call:
        case ("GET", ["guilds", guild_id]):
            guild = world.guild_of(int(guild_id))
            return guild_payload(guild, [guild.bot])
        case ("GET", ["guilds", guild_id, "members", user_id]):
            return _member(world.guild_of(int(guild_id)), int(user_id))
        case ("PATCH", ["guilds", guild_id, "members", "@me"]):
            guild = world.guild_of(int(guild_id))
            guild.bot.nickname = request.body.get("nick")
            guild.tell_member(guild.bot)
            return member_payload(guild.bot)
        case ("PATCH", ["guilds", guild_id, "voice-states", "@me"]):
            _speak_on_stage(world.guild_of(int(guild_id)), request.body)
            return None
        case ("GET", ["channels", channel_id]):
            return channel_payload(known_channel(world, channel_id))
    raise NoRoute


def known_channel(world: "World", channel_id: str) -> "Channel":
    """Returns the channel.

    Raises:
        Refusal: There is none.
    """
    channel = world.channels.get(int(channel_id))
    if channel is None:
        raise UNKNOWN_CHANNEL
    return channel


def _user(world: "World", user_id: int) -> Json:
    known = [user for user in world.users if user.id == user_id]
    if not known:
        raise UNKNOWN_USER
    return user_payload(known[0])


def _member(guild: "Guild", user_id: int) -> Json:
    if user_id not in guild.people:
        raise UNKNOWN_MEMBER
    return member_payload(guild.people[user_id])


def _speak_on_stage(guild: "Guild", body: Json) -> None:
    channel = guild.bot.channel
    if channel is None or channel.kind is not ChannelKind.STAGE:
        raise UNKNOWN_CHANNEL
    if body.get("suppress") is False:
        if not permissions_of(guild.bot, channel).mute_members:
            raise MISSING_PERMISSIONS
        guild.bot.is_suppressed = False
    guild.tell_voice_state(guild.bot)


def _application(world: "World") -> Json:
    return {
        "id": str(world.bot.id),
        "name": world.bot.name,
        "icon": None,
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "summary": "",
        "verify_key": "0" * 64,
        "team": None,
        "flags": 0,
        "owner": user_payload(world.guild.owner.user),
    }


def _gateway() -> Json:
    limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
    return {"url": "wss://gateway.discord.gg", "shards": 1, "session_start_limit": limit}
