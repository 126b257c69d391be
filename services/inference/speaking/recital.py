"""One stream being made: sentence after sentence, no further ahead of its reader than needed."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace

from services.chassis.errors import InvalidInputError
from services.inference.engines.engine import (
    Conditioning,
    EngineKind,
    FinishReason,
    Priority,
    Utterance,
    UtteranceStream,
)
from services.inference.pool.loaded_model import LoadedModel
from services.inference.speaking.ahead import LookAhead, Take
from services.inference.speaking.delivery import Delivery
from services.inference.speaking.head_start import HeadStart
from services.inference.speaking.options import SpeechOptions
from services.inference.speaking.outbox import Outbox
from services.inference.speaking.pace import Pace, may_look_ahead
from services.inference.speaking.parts import AudioFormat, SpeechSummary
from services.inference.speaking.script import Line

NOTHING_TO_SPEAK = "NOTHING_TO_SPEAK"
"""What engines say of a sentence in which they find nothing that they know to pronounce."""

KINDS_THAT_BATCH = frozenset({EngineKind.XTTS})
"""These make several utterances in less time than one after the other; where others make two,
the first is only slowed."""


@dataclass(frozen=True, slots=True)
class Role:
    """Who speaks, and how."""

    voice_id: str
    language_code: str
    conditioning: Conditioning | None
    options: SpeechOptions
    seed: int
    is_heard: bool = True
    """Whether somebody listens as it is made; nobody does to a file, or an audio book."""


class Recital:
    """Makes a stream's parts and puts them into its outbox.

    A sentence takes one turn at the model: the next one begins as soon as the model has made the
    one before, whether or not that was sent, unless the reader is far behind. Where slots are
    left over it begins before that, see `may_look_ahead`; what is heard is the same.
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
        self._clock = clock
        options, engine_rate = role.options, model.engine.sample_rate_hertz
        self._delivery = Delivery(
            AudioFormat(options.sample_rate_hertz or engine_rate, role.voice_id, *model.key),
            engine_rate,
            pace,
            outbox,
            clock,
            max_audio_seconds=min(
                options.max_audio_seconds or pace.max_audio_seconds, pace.max_audio_seconds
            ),
        )
        self._token_count = 0
        self._finish_reason = FinishReason.COMPLETE
        self._is_making = False
        self._is_over = False

    async def perform(
        self, lines: AsyncIterator[Line], began: Callable[[], float], preparing_seconds: float
    ) -> SpeechSummary:
        """Speaks all lines, and returns the summary, which is put, too.

        `began` tells when the request, or its first text, arrived; `preparing_seconds` of work
        were done since. Raises InvalidInputError when there was nothing to speak.
        """
        work_seconds = preparing_seconds
        async with aclosing(LookAhead(lines, self._begin_ahead)) as takes:
            async for take in takes:
                await self._delivery.room()
                started = self._clock()
                await self._speak(take, takes)
                work_seconds += self._clock() - started
                if self._is_over:
                    break
        if not self._delivery.sentence_count:
            message = "There is nothing to speak in the text: give it words."
            raise InvalidInputError(message, reason="EMPTY_TEXT", field="text")
        self._delivery.end()
        summary = self._summary(began(), work_seconds)
        self._delivery.sum_up(summary)
        return summary

    async def _speak(self, take: Take, takes: LookAhead) -> None:
        utterance = self._utterance(take)
        try:
            async with self._made(take, utterance) as stream:
                self._is_making = True
                takes.move()
                async for piece in stream:
                    self._token_count += piece.token_count
                    self._delivery.put(take.line, piece.samples)
                    if self._delivery.is_full:
                        break
                    takes.move()
        except InvalidInputError as error:
            if error.reason != NOTHING_TO_SPEAK:
                raise
            return  # such as a row of letters in no word: no reason to lose a whole book
        finally:
            self._is_making = False
        self._note_end(stream.finish_reason, utterance)

    @asynccontextmanager
    async def _made(self, take: Take, utterance: Utterance) -> AsyncIterator[UtteranceStream]:
        """Gives what was made of an utterance already, or waits for a turn to make it."""
        begun = take.head_start
        if begun and begun.utterance == utterance and begun.keep():
            yield begun
            return
        if begun:
            await begun.aclose()
        turn = self._model.admission.turn(
            self._role.options.priority, has_begun=self._delivery.sentence_count > 0
        )
        async with turn, aclosing(self._model.engine.open(utterance)) as stream:
            yield stream

    def _begin_ahead(self, take: Take, begun: Sequence[HeadStart]) -> HeadStart | None:
        engine, admission = self._model.engine, self._model.admission
        progress = replace(
            self._delivery.progress,
            ahead_count=len(begun),
            ahead_seconds=sum(each.made_samples for each in begun) / engine.sample_rate_hertz,
        )
        role = self._role
        is_heard = role.is_heard and role.options.priority is Priority.INTERACTIVE
        if not (
            self._is_making
            and engine.kind in KINDS_THAT_BATCH
            and may_look_ahead(self._pace, progress, engine.slot_count, is_heard=is_heard)
        ):
            return None
        turn = admission.spare_turn(Priority.INTERACTIVE if is_heard else Priority.BULK)
        return HeadStart(engine, self._utterance(take), admission, turn) if turn else None

    def _utterance(self, take: Take) -> Utterance:
        role, options = self._role, self._role.options
        return Utterance(
            text=take.text,
            language_code=role.language_code,
            conditioning=role.conditioning,
            sampling=options.sampling(role.seed),
            speed=options.speed,
            max_seconds=min(self._pace.max_sentence_seconds, self._delivery.remaining_seconds),
            priority=options.priority,
            sentence_index=take.index,
        )

    def _note_end(self, reason: FinishReason | None, utterance: Utterance) -> None:
        """Notes why an utterance ended, and whether the audio has its longest length."""
        was_the_rest = utterance.max_seconds < self._pace.max_sentence_seconds
        if self._delivery.is_full or (reason is FinishReason.MAX_LENGTH and was_the_rest):
            self._finish_reason = FinishReason.MAX_LENGTH
            self._is_over = True
        elif reason is not FinishReason.COMPLETE:
            self._finish_reason = FinishReason.RUNAWAY

    def _summary(self, began: float, work_seconds: float) -> SpeechSummary:
        audio_seconds = self._delivery.audio_seconds
        first_audio = self._delivery.first_audio_time
        return SpeechSummary(
            audio_seconds=audio_seconds,
            token_count=self._token_count,
            time_to_first_audio_seconds=(first_audio or began) - began,
            real_time_factor=work_seconds / audio_seconds if audio_seconds else 0.0,
            finish_reason=self._finish_reason,
            seed=self._role.seed,
            sentence_count=self._delivery.sentence_count,
        )
