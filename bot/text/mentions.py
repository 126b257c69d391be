"""Says what Discord writes in angle brackets: people, roles, channels, emoji, commands, times."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from bot.text.emoji_names import custom_name
from bot.text.names import Names, spoken_name
from bot.text.words import Words

_MARK = re.compile(
    r"<(?:@!?(?P<member>\d{1,20})"
    r"|@&(?P<role>\d{1,20})"
    r"|#(?P<channel>\d{1,20})"
    r"|a?:(?P<emoji>\w{1,64}):\d{1,20}"
    r"|/(?P<command>[^<>:\n]{1,100}):\d{1,20}"
    r"|t:(?P<time>-?\d{1,14})(?::(?P<style>[A-Za-z]))?"
    r"|(?P<place>(?:id|sound):[^<>\s]{1,60}))>",
    re.ASCII,
)
_AGAIN = re.compile(r"(<a?:\w{1,64}:\d{1,20}>)(?:\s*\1)+", re.ASCII)
_EVERYONE = re.compile(r"(?<!\w)@(?P<who>everyone|here)\b")
_Saying = Callable[[str], str]
_FORMATS = {"t": "%H:%M UTC", "T": "%H:%M UTC", "d": "%Y-%m-%d", "D": "%Y-%m-%d"}
_DATE_AND_TIME = "%Y-%m-%d %H:%M UTC"
"""The inference service says dates and times in the words of the language."""


def say_mentions(text: str, names: Names, words: Words, *, reads_emoji: bool) -> str:
    """Returns `text` with names in the place of ids; the times are UTC, as nobody's is known."""
    named: Mapping[str, _Saying] = {
        "member": lambda id_: spoken_name(names.member(int(id_)), words.somebody),
        "role": lambda id_: spoken_name(names.role(int(id_)), words.role),
        "channel": lambda id_: spoken_name(names.channel(int(id_)), words.channel),
        "emoji": lambda name: words.comma.join(("", custom_name(name), "")) if reads_emoji else "",
        "command": lambda name: spoken_name(name, ""),
        "place": lambda _: "",
    }

    def said(found: re.Match[str]) -> str:
        if found["time"]:
            return f" {_time(int(found['time']), found['style'] or '')} "
        kind = found.lastgroup or ""
        return f" {named[kind](found[kind])} "

    text = _MARK.sub(said, _AGAIN.sub(r"\1", text))
    return _EVERYONE.sub(lambda f: words.everyone if f["who"] == "everyone" else words.here, text)


def _time(timestamp: int, style: str) -> str:
    try:
        moment = datetime.fromtimestamp(timestamp, UTC)
    except (ValueError, OverflowError, OSError):
        return ""  # Discord shows no date then, either
    return moment.strftime(_FORMATS.get(style, _DATE_AND_TIME))
