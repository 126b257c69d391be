"""One item on its way from the speech service to those who listen."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace

import structlog

from bot.audio.frames import FRAME_SECONDS, Framer
from bot.audio.utterance import Utterance
from bot.metrics import (
    AT_ONCE,
    AUDIO_SECONDS,
    COMPLETE,
    FAILED,
    FIRST_PACKET,
    ITEMS,
    QUEUED,
    UNDERRUNS,
)
from bot.noting import note_failure
from bot.playback.item import Item
from bot.speech.source import SpeechSource
from services.chassis.errors import ServiceError

UNEXPECTED = "Something went wrong while I spoke your message: try it again."

logger = structlog.get_logger()


class Delivery:
    """Fetches the speech of an item while it is played, and before."""

    def __init__(
        self,
        item: Item,
        utterance: Utterance,
        *,
        waited: bool,
        on_failure: Callable[[Item, str], None],
    ) -> None:
        """`waited` says that something else was spoken before; `on_failure` hears why it failed."""
        self.item = item
        self.utterance = utterance
        self.fetched = asyncio.Event()
        """Set when the service has nothing more to say to it."""
        self._turn = QUEUED if waited else AT_ONCE
        self._on_failure = on_failure
        self._outcome = ""
        self._on_over: Callable[[Delivery], None] | None = None
        self._task: asyncio.Task[None] | None = None

    def begin(
        self,
        speech: SpeechSource,
        speed: float,
        *,
        on_over: Callable[["Delivery"], None],
        on_end: Callable[["Delivery"], None],
    ) -> None:
        """Asks for the speech now.

        `on_over` hears when nothing more of it is heard, `on_end` when nothing of it runs.
        """
        self._on_over = on_over
        self._task = asyncio.create_task(self._run(speech, speed), name="bot delivery")
        self._task.add_done_callback(lambda _: self._close())
        self._task.add_done_callback(lambda _: on_end(self))

    def end(self, outcome: str) -> None:
        """Ends it at once: the call to the service is cancelled, and nothing more is heard."""
        self._outcome = self._outcome or outcome
        self.utterance.cancel()
        if self._task is not None:
            self._task.cancel()
        self._close()

    async def ended(self) -> None:
        """Waits until nothing of it runs any more."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _run(self, speech: SpeechSource, speed: float) -> None:
        try:
            await self._fetch(speech, speed)
        except ServiceError as error:
            logger.info("speech.failed", item_id=self.item.item_id, reason=error.reason)
            self._fail(error.message)
        except Exception as error:  # noqa: BLE001 - whatever it is, the queue goes on
            note_failure("speech.failed", error, item_id=self.item.item_id)
            self._fail(UNEXPECTED)
        finally:
            self.utterance.finish()
            self.fetched.set()
        await self.utterance.over.wait()

    async def _fetch(self, speech: SpeechSource, speed: float) -> None:
        framer: Framer | None = None
        order = self.item.order
        order = replace(order, text=self.item.introduced(order.text), speed=speed)
        try:
            async with aclosing(speech.speak(order)) as pieces:
                async for pcm in pieces:
                    framer = framer or Framer(pcm.sample_rate_hertz)
                    await self.utterance.put(framer.feed(pcm.samples))
        except Exception:
            await self._flush(framer)  # what there is of it is heard
            raise
        await self._flush(framer)

    async def _flush(self, framer: Framer | None) -> None:
        if framer is not None:
            await self.utterance.put(framer.finish())

    def _fail(self, words: str) -> None:
        if not self._outcome:
            self._outcome = FAILED
            self._on_failure(self.item, words)

    def _close(self) -> None:
        """Counts it and says that it is over, once."""
        on_over, self._on_over = self._on_over, None
        if on_over is None:
            return
        self.fetched.set()  # also where the task was cancelled before it began
        on_over(self)
        utterance = self.utterance
        ITEMS.labels(self._outcome or COMPLETE).inc()
        UNDERRUNS.inc(utterance.underruns)
        AUDIO_SECONDS.inc(utterance.sent_frames * FRAME_SECONDS)
        if utterance.begun_at is not None:
            FIRST_PACKET.labels(self._turn).observe(utterance.begun_at - self.item.arrived)
