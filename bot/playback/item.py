"""A message that is to be spoken."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import discord

from bot.speech.order import SpeechOrder

VocalChannel = discord.VoiceChannel | discord.StageChannel


@dataclass(frozen=True, eq=False)
class Item:
    """What somebody wants to have said, and where."""

    item_id: int
    user_id: int
    order: SpeechOrder
    voice_channel: VocalChannel
    report: Callable[[str], Awaitable[None]]
    """Tells the person that it failed, in words."""
    arrived: float
    """When the message came, by time.monotonic."""
    introduced: Callable[[str], str] = str
    """Returns the text with who says it, where that is not clear from what was spoken before: asked
    for when its turn is known, since the queue is fair and not in the order of arrival."""
