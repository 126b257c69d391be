"""What is remembered of guilds and their members. A setting is defined here and nowhere else.

`GUILD_SETTINGS` and `MEMBER_SETTINGS` are what commands show and change, field by field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.state.kinds.discord_ids import Channels, Role
from bot.state.kinds.numbers import Pace, Seconds, Switch, Whole
from bot.state.kinds.words import Language, Voice, Word, Words
from bot.state.setting import Setting, setting, settings_of

NO_ROLE: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GuildSettings:
    """What those who manage a guild have chosen for all its members."""

    voice_id: str = setting(
        "", Voice("the server's own"), "the voice of members who have chosen none"
    )
    language_code: str = setting("", Language(), "the language of members who have chosen none")
    speed: float = setting(1.0, Pace(), "the pace of members who have chosen none")

    announce_names: bool = setting(
        True, Switch(), "whether it is said who speaks, where that is not the same as a moment ago"
    )
    read_emoji: bool = setting(True, Switch(), "whether emoji are read out by their names")
    max_characters: int = setting(
        500, Whole(20, 4000, "characters"), "how much of a message is read"
    )
    max_audio_seconds: int = setting(
        60, Seconds(5, 600), "how long a message may be spoken before it is cut off"
    )
    max_repeated_characters: int = setting(
        3, Whole(3, 20, "times"), "how often a character may stand in a row, as in “hellooooo”"
    )

    autoread_channel_ids: tuple[int, ...] = setting(
        (), Channels(20), "the channels of which all messages are read"
    )
    read_voice_chat: bool = setting(
        False, Switch(), "whether the chat of the voice channel that the bot is in is read, too"
    )
    autoread_prefix: str = setting(
        "", Word(10), "what a message must begin with to be read where all are read"
    )
    ignored_prefixes: tuple[str, ...] = setting(
        ("!", "/", "$", ";", "%"), Words(20, 10), "what messages begin with that are never read"
    )

    required_role_id: int = setting(NO_ROLE, Role(), "the role that members need to be spoken for")
    skip_anyone: bool = setting(
        True, Switch(), "whether all may skip what others have asked for, or managers alone"
    )
    auto_join: bool = setting(
        True, Switch(), "whether the bot comes into the channel of the one who asks it to speak"
    )
    idle_leave_seconds: int = setting(
        300,
        Seconds(10, 86_400, may_be_never=True),
        "how long the bot stays when it has nothing to say",
    )
    empty_leave_seconds: int = setting(
        15, Seconds(1, 3600, may_be_never=True), "how long the bot stays when all have left"
    )

    member_messages_per_minute: int = setting(
        30, Whole(1, 300, "messages"), "how many messages of one member are read in a minute"
    )
    guild_messages_per_minute: int = setting(
        120, Whole(1, 1000, "messages"), "how many messages of all members are read in a minute"
    )
    max_waiting: int = setting(
        50, Whole(1, 200, "messages"), "how many messages may wait to be spoken"
    )
    max_waiting_per_member: int = setting(
        10, Whole(1, 100, "messages"), "how many messages of one member may wait to be spoken"
    )

    cloning: bool = setting(True, Switch(), "whether members may clone their own voices")
    live_cloning: bool = setting(
        False, Switch(), "whether they may do so from what they say in a voice channel"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSettings:
    """What a member of a guild has chosen; "" and 0 leave it to the guild."""

    voice_id: str = setting("", Voice("this server's"), "your voice")
    language_code: str = setting("", Language(), "the language that you write in")
    speed: float = setting(0.0, Pace(may_be_unset=True), "your pace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """Somebody for whom the bot does nothing in a guild."""

    reason: str = ""
    banned_by_id: int = 0
    """Who did it; 0 once that person had their data deleted."""
    banned_at: float = 0.0
    """Seconds since 1970."""


GUILD_SETTINGS: Final[Mapping[str, Setting[GuildSettings]]] = settings_of(GuildSettings)
MEMBER_SETTINGS: Final[Mapping[str, Setting[MemberSettings]]] = settings_of(MemberSettings)
