"""Voices whose speaker took the consent back fall silent, everywhere.

Three ways lead there. The event of the withdrawal is heard by one process of the service, which
records it for each voice and ends its own streams. The other processes look every few seconds at
the records of the voices that they speak with just then: a subscription of each process would need
a name in the stream of events that no process ever gives back. And since events can be missed, and
there are none without NATS, the consents of all voices are asked after now and then.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import structlog

from services.chassis.bus import Bus, StepContext, Subscriber
from services.chassis.errors import ServiceError
from services.inference.voices.conditionings import Conditionings
from services.inference.voices.consent_desk import ConsentDesk
from services.inference.voices.voice import State, Voice
from services.inference.voices.voice_book import VoiceBook
from services.inference.voices.voice_records import Record
from ttstrainer.dataset.v1 import consent_events_pb2 as heard
from ttstrainer.inference.v1 import inference_events_pb2 as events

DURABLE = "inference"
"""All replicas share one place in the stream of events."""
LEFTOVERS_SECONDS = 3600.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Withdrawing:
    """Silences voices."""

    book: VoiceBook
    desk: ConsentDesk
    bus: Bus
    conditionings: Conditionings
    speaking_voice_ids: Callable[[], Collection[str]]
    """The voices that this process speaks with now."""

    @asynccontextmanager
    async def hearing(self, subscriber: Subscriber) -> AsyncIterator[None]:
        """Hears of withdrawals for as long as the block lasts."""

        async def on_event(event: heard.ConsentWithdrawn, context: StepContext | None) -> None:
            del context
            await self.withdraw(event.consent.consent_id)

        subscription = await subscriber.subscribe(DURABLE, (heard.ConsentWithdrawn,), on_event)
        try:
            yield
        finally:
            await subscription.stop()

    async def withdraw(self, consent_id: str) -> None:
        """Silences the voices that rest on a consent; doing so again changes nothing."""
        async for voice in self._cloned_voices():
            if voice.consent_id == consent_id:
                await self._silence(voice)

    async def look_after_speaking(self) -> None:
        """Ends the streams of voices that were withdrawn or deleted by another process."""
        for voice_id in self.speaking_voice_ids():
            if await self.book.built_in(voice_id):
                continue
            voice = (await self.book.records.newest(voice_id)).voice
            if voice is None or voice.state is not State.READY:
                self.book.stop_voice(voice_id)

    async def look_after_consents(self) -> None:
        """Silences the voices whose consents were withdrawn without our hearing of it."""
        withdrawn: dict[str, bool] = {}
        async for voice in self._cloned_voices():
            if voice.state is not State.READY:
                continue
            if voice.consent_id not in withdrawn:
                consent = await self.desk.consent(voice.consent_id)
                withdrawn[voice.consent_id] = consent is not None and consent.is_withdrawn
            if withdrawn[voice.consent_id]:
                await self._silence(voice)

    async def watch(self, speaking_seconds: float, consents_seconds: float) -> None:
        """Looks after both for ever, at these intervals, and after what was left behind."""
        await asyncio.gather(
            _repeated(self.look_after_speaking, speaking_seconds),
            _repeated(self.look_after_consents, consents_seconds),
            _repeated(self.conditionings.forget_gone, consents_seconds),
            _repeated(self.book.remove_leftovers, LEFTOVERS_SECONDS),
        )

    async def _silence(self, voice: Voice) -> None:
        def withdrawn(record: Record) -> Voice:
            found = record.voice
            if found is None or found.data_id != voice.data_id:
                raise _AnotherVoiceError("It was deleted or replaced.")
            return replace(found, state=State.WITHDRAWN, update_time=self.book.now())

        if voice.state is State.READY:
            try:
                await self.book.records.put(voice.voice_id, withdrawn)
            except _AnotherVoiceError:
                return
            log.info("voice.withdrawn", voice_id=voice.voice_id, consent_id=voice.consent_id)
        self.book.stop_voice(voice.voice_id)
        await self.bus.publish(
            events.VoiceWithdrawn(voice_id=voice.voice_id, consent_id=voice.consent_id),
            message_id=f"{voice.data_id}/withdrawn",
        )

    async def _cloned_voices(self) -> AsyncIterator[Voice]:
        for voice_id in await self.book.records.voice_ids():
            if voice := (await self.book.records.newest(voice_id)).voice:
                yield voice


class _AnotherVoiceError(Exception):
    """The voice of this name is not the one that was meant."""


async def _repeated(look: Callable[[], Awaitable[object]], seconds: float) -> None:
    while True:
        try:
            await look()
        except ServiceError as error:
            log.warning("voices.not_looked_after", reason=error.reason)
        except Exception:  # whatever it was: a voice must not speak on because of it
            log.exception("voices.not_looked_after")
        await asyncio.sleep(seconds)
