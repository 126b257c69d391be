"""The bot's stay in the voice of a guild: from the first word to the last."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

import structlog

from bot.audio.opus import SILENCE, OpusVoice
from bot.audio.playout import Playout
from bot.metrics import DROPPED, FAILED, WAITING_ITEMS
from bot.playback.connection import VoiceConnection
from bot.playback.delivery import Delivery
from bot.playback.departure import Departure
from bot.playback.fair_queue import FairQueue
from bot.playback.haste import hastened
from bot.playback.item import Item, VocalChannel
from bot.playback.patience import VoicePatience
from bot.playback.rules import PlaybackRules
from bot.speech.source import SpeechSource
from services.chassis.errors import ServiceError

SENT_OUT = "I was disconnected from the voice channel, so your message is not spoken: try it again."
DEFECT = "Something went wrong in the voice channel: try it again."

logger = structlog.get_logger()


class Stay:
    """Speaks the items of a queue, one after the other, each fetched while the last is heard.

    Ends by itself when there is nothing to stay for, or no way to stay: `on_end` hears of it,
    with words for those whose items are dropped, and has to close it.
    """

    def __init__(
        self,
        queue: FairQueue[Item],
        speech: SpeechSource,
        rules: Callable[[], PlaybackRules],
        patience: VoicePatience,
        *,
        on_failure: Callable[[Item, str], None],
        on_end: Callable[["Stay", str], None],
        after: asyncio.Task[None] | None = None,
    ) -> None:
        """Begins when `after`, the end of another stay, is done."""
        self.deliveries: deque[Delivery] = deque()
        """What is heard now, and what is made ready to follow it."""
        self.playout = Playout(OpusVoice().encode, SILENCE)
        self.connection = VoiceConnection(
            self.playout, patience, on_lost=lambda: on_end(self, SENT_OUT)
        )
        self.is_listening = False
        """Whether somebody is heard here, so that silence is no reason to leave."""
        self._queue = queue
        self._speech = speech
        self._rules = rules
        self._patience = patience
        self._on_failure = on_failure
        self._on_end = on_end
        self._has_items = asyncio.Event()
        self._after = after
        self._unfinished: set[Delivery] = set()
        self._tasks = [
            asyncio.create_task(self._work(), name="bot stay"),
            asyncio.create_task(self._watch(), name="bot watch"),
        ]

    def wake(self) -> None:
        """Hears that there are items in the queue."""
        self._has_items.set()

    async def reach(self, channel: VocalChannel) -> None:
        """Is in `channel` afterwards; raises ServiceError with the reason why it cannot be."""
        if self._after is not None:
            await asyncio.wait([self._after])
        await self.connection.reach(channel)

    def stop(self, outcome: str = DROPPED) -> None:
        """Ends all that is said, and says nothing more."""
        for task in self._tasks:
            task.cancel()
        for delivery in list(self.deliveries):
            delivery.end(outcome)

    async def aclose(self) -> None:
        """Leaves the channel, and leaves nothing running."""
        self.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(delivery.ended() for delivery in self._unfinished))
        await self.connection.leave()
        await self.playout.aclose()

    async def _work(self) -> None:
        if self._after is not None:
            await asyncio.wait([self._after])
        try:
            while True:
                await self._deliver(await self._next())
        except Exception:
            logger.exception("stay.failed")
            self._on_end(self, DEFECT)

    async def _next(self) -> Item:
        while (item := self._queue.take()) is None:
            self._has_items.clear()
            await self._has_items.wait()
        WAITING_ITEMS.dec()
        return item

    async def _deliver(self, item: Item) -> None:
        """Begins an item, and returns when the next may be made ready."""
        waited = bool(self.deliveries)
        utterance = self.playout.add()
        delivery = Delivery(item, utterance, waited=waited, on_failure=self._on_failure)
        self.deliveries.append(delivery)
        self._unfinished.add(delivery)
        # Before the channel is joined: whichever takes longer, the other is done meanwhile.
        delivery.begin(
            self._speech,
            self._speed(item),
            on_over=self.deliveries.remove,
            on_end=self._unfinished.discard,
        )
        here = self.connection.channel
        try:
            await self.connection.reach(item.voice_channel if here is None or not waited else here)
        except ServiceError as error:
            if self.connection.channel is None:
                self._on_end(self, error.message)  # nobody else could be heard either
            else:
                delivery.end(FAILED)
                self._on_failure(item, error.message)
            return
        await delivery.fetched.wait()
        await utterance.begun.wait()

    def _speed(self, item: Item) -> float:
        if not self._rules().speaks_faster:
            return item.order.speed
        return hastened(item.order.speed, len(self._queue))

    def _is_busy(self) -> bool:
        return self.is_listening or (bool(self.deliveries) and not self.playout.is_paused)

    async def _watch(self) -> None:
        departure = Departure(time.monotonic())
        while True:
            await asyncio.sleep(self._patience.watch_seconds)
            if self.playout.is_closed:
                self._on_end(self, DEFECT)
                return
            if (channel := self.connection.channel) is None:
                departure = Departure(time.monotonic())
                continue
            if self.connection.is_down:
                try:
                    await self.connection.recover()
                except ServiceError as error:
                    self._on_end(self, error.message)
                    return
            reason = departure.reason(
                time.monotonic(),
                is_busy=self._is_busy(),
                people_count=self.connection.people_count,
                rules=self._rules(),
            )
            if reason is not None:
                logger.info("voice.left", guild_id=channel.guild.id, reason=reason.value)
                self._on_end(self, "")
                return
