"""The use case: a text in, a stream of speech out."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from services.chassis.beside import end
from services.chassis.errors import OverloadedError, UnavailableError
from services.inference import metrics
from services.inference.engines.engine import EngineKind
from services.inference.pool.engine_pool import EnginePool
from services.inference.pool.loaded_model import LoadedModel
from services.inference.speaking.casting import (
    Voices,
    check_fit,
    conditioning_of,
    language_spoken,
    voice_wanted,
)
from services.inference.speaking.options import SpeechOptions
from services.inference.speaking.outbox import Outbox
from services.inference.speaking.pace import Pace
from services.inference.speaking.parts import SpeechPart, SpeechSummary
from services.inference.speaking.recital import Recital, Role
from services.inference.speaking.script import Script
from services.inference.speaking.stage import Stage

SEED_BITS = 32
"""Of a seed that is drawn: short enough to be typed."""


class Speaking:
    """Speaks texts with the voices and models that there are."""

    def __init__(
        self,
        pool: EnginePool,
        voices: Voices,
        stage: Stage,
        pace: Pace,
        *,
        default_voice: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`default_voice` speaks when a request names none."""
        self._pool = pool
        self._voices = voices
        self._stage = stage
        self._pace = pace
        self._default_voice = default_voice
        self._clock = clock

    async def speak(
        self, script: Script, options: SpeechOptions, *, is_heard: bool = True
    ) -> AsyncGenerator[SpeechPart, None]:
        """Yields the format, marks and chunks as they are made, and a summary.

        To close it ends the work at once. What is not heard as it is made, such as a file, may
        be made by several slots at once. Raises InvalidInputError for a text that cannot be
        spoken and for options that do not fit, NotFoundError for an unknown voice or model,
        ConflictError for a voice that may not speak, OverloadedError when too many speak, and
        UnavailableError when the model broke.
        """
        arrived = self._clock()
        options.check()
        voice_id = await voice_wanted(options, self._default_voice, self._voices)
        with self._stage.entered(voice_id) as outbox:
            making = asyncio.create_task(
                self._make(script, options, voice_id, outbox, arrived, is_heard=is_heard)
            )
            try:
                async for part in outbox:
                    yield part
            finally:
                await end(making)

    async def _make(
        self,
        script: Script,
        options: SpeechOptions,
        voice_id: str,
        outbox: Outbox,
        arrived: float,
        *,
        is_heard: bool,
    ) -> None:
        """Fills the outbox; whatever goes wrong, its reader is told."""
        try:
            script.check()
            voice = await self._voices.speakable(voice_id)
            wanted = options.model or voice.model
            # Before the model is loaded, which takes seconds and may push another one out.
            check_fit(voice, await self._pool.describe(wanted, options.model_version))
            async with self._pool.lease(wanted, options.model_version) as model:
                role = Role(
                    voice_id=voice_id,
                    language_code=language_spoken(
                        options.language_code or voice.language_code,
                        model.engine.language_codes,
                        wanted,
                    ),
                    conditioning=await conditioning_of(voice, model, self._voices),
                    options=options,
                    seed=secrets.randbits(SEED_BITS) if options.seed is None else options.seed,
                    is_heard=is_heard,
                )
                recital = Recital(model, role, self._pace, outbox, self._clock)
                await self._perform(recital, script, role, model, arrived)
        except Exception as error:  # noqa: BLE001 - the reader raises it
            if isinstance(error, OverloadedError) and error.reason == metrics.OUT_OF_MEMORY:
                metrics.REJECTED_STREAMS.labels(metrics.OUT_OF_MEMORY).inc()
            outbox.end(error)
        else:
            outbox.end()

    async def _perform(
        self, recital: Recital, script: Script, role: Role, model: LoadedModel, arrived: float
    ) -> None:
        engine = model.engine
        kind = engine.kind
        lines = script.lines(
            role.language_code,
            engine.max_characters(role.language_code),
            role.options.pronunciations,
        )
        outcome = "failed"
        try:
            with metrics.ACTIVE_STREAMS.labels(kind.value).track_inprogress():
                async with aclosing(lines):
                    summary = await recital.perform(
                        lines,
                        began=lambda: max(arrived, script.first_text_time),
                        preparing_seconds=self._clock() - arrived,
                    )
            outcome = summary.finish_reason.value
            _measure(summary, kind)
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        except UnavailableError:
            self._pool.discard(model)
            raise
        finally:
            metrics.STREAMS.labels(kind.value, outcome).inc()


def _measure(summary: SpeechSummary, kind: EngineKind) -> None:
    engine = kind.value
    metrics.TIME_TO_FIRST_AUDIO.labels(engine).observe(summary.time_to_first_audio_seconds)
    metrics.REAL_TIME_FACTOR.labels(engine).observe(summary.real_time_factor)
    metrics.AUDIO_SECONDS.labels(engine).inc(summary.audio_seconds)
    metrics.TOKENS.labels(engine).inc(summary.token_count)
