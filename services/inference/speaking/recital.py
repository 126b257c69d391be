"""One stream being made: sentence after sentence, no further ahead of its reader than needed."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass

import numpy as np

from services.chassis.errors import InvalidInputError
from services.inference.engines.engine import (
    Conditioning,
    FinishReason,
    Samples,
    Utterance,
)
from services.inference.pool.loaded_model import LoadedModel
from services.inference.resampling import StreamResampler
from services.inference.speaking.chunks import Chunks
from services.inference.speaking.options import SpeechOptions
from services.inference.speaking.outbox import Outbox
from services.inference.speaking.parts import AudioFormat, SentenceMark, SpeechSummary
from services.inference.speaking.script import Line

NOTHING_TO_SPEAK = "NOTHING_TO_SPEAK"
"""What engines say of a sentence in which they find nothing that they know to pronounce."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a stream is cut, paused and bounded."""

    max_chunk_seconds: float = 0.1
    max_lead_seconds: float = 10.0
    sentence_pause_seconds: float = 0.2
    max_sentence_seconds: float = 60.0
    max_audio_seconds: float = 4 * 3600.0


@dataclass(frozen=True, slots=True)
class Role:
    """Who speaks, and how."""

    voice_id: str
    language_code: str
    conditioning: Conditioning | None
    options: SpeechOptions
    seed: int


class Recital:
    """Makes a stream's parts and puts them into its outbox.

    A sentence takes one turn at the model: the next one begins as soon as the model has made the
    one before, whether or not that was sent, unless the reader is far behind.
    """

    def __init__(
        self,
        model: LoadedModel,
        role: Role,
        pace: Pace,
        outbox: Outbox,
        clock: Callable[[], float],
    ) -> None:
        """Makes nothing yet."""
        self._model = model
        self._role = role
        self._pace = pace
        self._outbox = outbox
        self._clock = clock
        engine_rate = model.engine.sample_rate_hertz
        self._rate = role.options.sample_rate_hertz or engine_rate
        self._resampler = StreamResampler(engine_rate, self._rate)
        self._max_seconds = min(
            role.options.max_audio_seconds or pace.max_audio_seconds, pace.max_audio_seconds
        )
        self._chunks = Chunks(
            max(1, int(pace.max_chunk_seconds * self._rate)), int(self._max_seconds * self._rate)
        )
        self._made_samples = 0  # at the engine's rate
        self._sentence_count = 0
        self._utterance_count = 0
        self._token_count = 0
        self._first_audio: float | None = None
        self._finish_reason = FinishReason.COMPLETE
        self._is_told = False
        self._begun: Line | None = None
        self._is_over = False

    async def perform(
        self, lines: AsyncIterator[Line], began: Callable[[], float], preparing_seconds: float
    ) -> SpeechSummary:
        """Speaks all lines, and returns the summary, which is put, too.

        `began` tells when the request, or its first text, arrived; `preparing_seconds` of work
        were done since. Raises InvalidInputError when there was nothing to speak.
        """
        work_seconds = preparing_seconds
        async for line in lines:
            await self._outbox.room(int(self._pace.max_lead_seconds * self._rate))
            started = self._clock()
            turn = self._model.admission.turn(
                self._role.options.priority, has_begun=self._sentence_count > 0
            )
            async with turn:
                await self._speak(line)
            work_seconds += self._clock() - started
            if self._is_over:
                break
        if not self._sentence_count:
            message = "There is nothing to speak in the text: give it words."
            raise InvalidInputError(message, reason="EMPTY_TEXT", field="text")
        self._send(np.zeros(0, np.float32), last=True)
        summary = self._summary(began(), work_seconds)
        self._outbox.put(summary)
        return summary

    async def _speak(self, line: Line) -> None:
        for text in line.texts:
            utterance = self._utterance(text)
            try:
                reason = await self._make(utterance, line)
            except InvalidInputError as error:
                if error.reason != NOTHING_TO_SPEAK:
                    raise
                continue  # such as a row of letters in no word: no reason to lose a whole book
            if self._is_over_after(reason, utterance.max_seconds):
                return

    async def _make(self, utterance: Utterance, line: Line) -> FinishReason | None:
        async with aclosing(self._model.engine.open(utterance)) as stream:
            async for piece in stream:
                self._begin(line)
                self._token_count += piece.token_count
                self._send(piece.samples)
                if self._chunks.is_full:
                    break
        return stream.finish_reason

    def _utterance(self, text: str) -> Utterance:
        role, options = self._role, self._role.options
        seconds_left = self._max_seconds - self._chunks.sample_count / self._rate
        self._utterance_count += 1
        return Utterance(
            text=text,
            language_code=role.language_code,
            conditioning=role.conditioning,
            sampling=options.sampling(role.seed),
            speed=options.speed,
            max_seconds=min(self._pace.max_sentence_seconds, seconds_left),
            priority=options.priority,
            sentence_index=self._utterance_count - 1,
        )

    def _begin(self, line: Line) -> None:
        """Marks the line, once, before its first audio."""
        if line is self._begun:
            return
        self._begun = line
        self._tell_format()
        if self._sentence_count:
            rate = self._model.engine.sample_rate_hertz
            self._send(np.zeros(round(self._pace.sentence_pause_seconds * rate), np.float32))
        offset = round(self._made_samples * self._rate / self._model.engine.sample_rate_hertz)
        self._outbox.put(
            SentenceMark(self._sentence_count, offset, line.text_offset, line.text_length)
        )
        self._sentence_count += 1

    def _is_over_after(self, reason: FinishReason | None, max_seconds: float) -> bool:
        """Notes why a sentence ended; True when the audio has its longest length."""
        was_the_rest = max_seconds < self._pace.max_sentence_seconds
        if self._chunks.is_full or (reason is FinishReason.MAX_LENGTH and was_the_rest):
            self._finish_reason = FinishReason.MAX_LENGTH
            self._is_over = True
        elif reason is not FinishReason.COMPLETE:
            self._finish_reason = FinishReason.RUNAWAY
        return self._is_over

    def _tell_format(self) -> None:
        """Tells the format with the first audio: what fails before that has not begun."""
        if not self._is_told:
            self._is_told = True
            name, version = self._model.key
            self._outbox.put(AudioFormat(self._rate, self._role.voice_id, name, version))

    def _send(self, samples: Samples, *, last: bool = False) -> None:
        self._made_samples += len(samples)
        for chunk in self._chunks.cut(self._resampler.resample(samples, last=last)):
            if self._first_audio is None:
                self._first_audio = self._clock()
            self._outbox.put(chunk)

    def _summary(self, began: float, work_seconds: float) -> SpeechSummary:
        audio_seconds = self._chunks.sample_count / self._rate
        return SpeechSummary(
            audio_seconds=audio_seconds,
            token_count=self._token_count,
            time_to_first_audio_seconds=(self._first_audio or began) - began,
            real_time_factor=work_seconds / audio_seconds if audio_seconds else 0.0,
            finish_reason=self._finish_reason,
            seed=self._role.seed,
            sentence_count=self._sentence_count,
        )
