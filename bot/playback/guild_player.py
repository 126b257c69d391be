"""What is spoken in one guild."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import discord

from bot.metrics import DROPPED, FAILED, ITEMS, SKIPPED, WAITING_ITEMS
from bot.playback.fair_queue import FairQueue
from bot.playback.item import Item, VocalChannel
from bot.playback.patience import VoicePatience
from bot.playback.rules import PlaybackRules
from bot.playback.stay import Stay
from bot.playback.telling import Teller
from bot.speech.source import SpeechSource
from services.chassis.errors import ConflictError, UnavailableError


class GuildPlayer:
    """A queue of items, and the bot's stay in a voice channel where they are heard."""

    def __init__(self, speech: SpeechSource, patience: VoicePatience) -> None:
        """Is in no channel yet."""
        self.rules = PlaybackRules()
        """What the guild decided; may be replaced at any time."""
        self._speech = speech
        self._patience = patience
        self._queue: FairQueue[Item] = FairQueue()
        self._stay: Stay | None = None
        self._ending: asyncio.Task[None] | None = None
        self._teller = Teller()
        self._is_closed = False

    @property
    def now(self) -> Item | None:
        """What is spoken, or is about to be."""
        deliveries = self._stay.deliveries if self._stay is not None else ()
        return deliveries[0].item if deliveries else None

    @property
    def waiting(self) -> list[Item]:
        """What is spoken after that, in the order of its turns."""
        deliveries = list(self._stay.deliveries) if self._stay is not None else []
        return [delivery.item for delivery in deliveries[1:]] + list(self._queue)

    @property
    def channel(self) -> VocalChannel | None:
        """The voice channel that the bot is in."""
        return self._stay.connection.channel if self._stay is not None else None

    @property
    def voice_client(self) -> discord.VoiceClient | None:
        """discord.py's voice client, while the bot is in a channel."""
        return self._stay.connection.client if self._stay is not None else None

    @property
    def is_paused(self) -> bool:
        """Whether it was paused."""
        return self._stay is not None and self._stay.playout.is_paused

    def enqueue(self, item: Item) -> int:
        """Takes an item, and returns how many are spoken before it.

        Raises:
            QueueFullError: as many wait as may.
            ConflictError: the bot speaks in another channel.
            UnavailableError: the bot is about to stop.
        """
        self._check_place(item.voice_channel)
        self._queue.put(
            item.user_id,
            item,
            limit=self.rules.queue_limit,
            limit_per_user=self.rules.queue_limit_per_user,
        )
        WAITING_ITEMS.inc()
        stay = self._present()
        stay.wake()
        return len(stay.deliveries) + list(self._queue).index(item)

    def skip(self, user_id: int | None = None) -> bool:
        """Ends what is spoken, if it is of that user or nobody is named; whether it did."""
        now = self.now
        if self._stay is None or now is None or user_id not in (now.user_id, None):
            return False
        self._stay.deliveries[0].end(SKIPPED)
        return True

    def clear(self, user_id: int | None = None) -> int:
        """Drops what waits, of that user or of all; returns how many items."""
        count = self._drop_queue(user_id)
        for delivery in list(self._stay.deliveries)[1:] if self._stay is not None else []:
            if user_id in (delivery.item.user_id, None):
                delivery.end(DROPPED)
                count += 1
        return count

    def pause(self) -> None:
        """Holds what is spoken."""
        if self._stay is not None:
            self._stay.playout.pause()

    def resume(self) -> None:
        """Goes on."""
        if self._stay is not None:
            self._stay.playout.resume()

    async def join(self, channel: VocalChannel) -> None:
        """Comes into a channel.

        Raises:
            ServiceError: it may not or cannot, or speaks in another.
        """
        self._check_place(channel)
        stay = self._present()
        try:
            await stay.reach(channel)
        except BaseException:
            if not stay.deliveries and not self._queue and stay.connection.channel is None:
                self._end(stay, "")
            raise

    @contextmanager
    def listening(self) -> Iterator[discord.VoiceClient]:
        """Stays in its channel for the block, unless it is sent away, and lends its ears there.

        Raises:
            ConflictError: it is in no channel, or listens already.
        """
        stay, voice = self._stay, self.voice_client
        if stay is None or voice is None:
            message = "I could not come into your channel: try again in a moment."
            raise ConflictError(message, reason="NOT_JOINED")
        if stay.is_listening:
            message = "I am listening to somebody else: wait until they are done."
            raise ConflictError(message, reason="LISTENING")
        stay.is_listening = True
        try:
            yield voice
        finally:
            stay.is_listening = False

    async def leave(self) -> None:
        """Drops all, and leaves the channel."""
        if self._stay is not None:
            self._end(self._stay, "")
        if self._ending is not None:
            await asyncio.shield(self._ending)

    async def aclose(self) -> None:
        """Leaves, and leaves nothing running."""
        self._is_closed = True
        await self.leave()
        await self._teller.aclose()

    def _present(self) -> Stay:
        if self._stay is None:
            self._stay = Stay(
                self._queue,
                self._speech,
                lambda: self.rules,
                self._patience,
                on_failure=lambda item, words: self._teller.tell([item], words),
                on_end=self._end,
                after=self._ending,
            )
        return self._stay

    def _end(self, stay: Stay, words: str) -> None:
        """Ends a stay, and tells those whose items were dropped why, where there is a reason."""
        if stay is not self._stay:
            return
        left = [*(delivery.item for delivery in stay.deliveries), *self._queue]
        self._stay = None
        self._drop_queue(None)
        stay.stop(FAILED if words else DROPPED)
        if words:
            self._teller.tell(left, words)
        self._ending = asyncio.create_task(stay.aclose(), name="bot leaves")

    def _drop_queue(self, user_id: int | None) -> int:
        count = len(self._queue.remove(user_id))
        WAITING_ITEMS.dec(count)
        ITEMS.labels(DROPPED).inc(count)
        return count

    def _check_place(self, channel: VocalChannel) -> None:
        if self._is_closed:
            raise UnavailableError("I am being restarted: try again in a moment.")
        place = self._busy_place()
        if place is not None and place.id != channel.id:
            message = (
                f"I am busy in {place.mention} at the moment: come there, or wait until I am done."
            )
            raise ConflictError(message, reason="BUSY_ELSEWHERE")

    def _busy_place(self) -> VocalChannel | None:
        """Returns where it speaks, is about to, or listens."""
        first = self.now or next(iter(self._queue), None)
        if first is not None:
            return self.channel or first.voice_channel
        return self.channel if self._stay is not None and self._stay.is_listening else None
