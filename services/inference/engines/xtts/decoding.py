"""The thread that decodes: from texts to latents, a token of every utterance at a time."""

from collections.abc import Callable, Sequence

from torch import Tensor

from services.chassis.errors import ServiceError
from services.inference.engines.engine import FinishReason
from services.inference.engines.memory_shortage import (
    free_caches,
    is_memory_shortage,
    sacrificed,
)
from services.inference.engines.xtts.chunk_line import ChunkLine
from services.inference.engines.xtts.gpt.admission import Admission, EndReason
from services.inference.engines.xtts.model_parts import TokenDecoder
from services.inference.engines.xtts.speech import Speech
from services.inference.engines.xtts.voice_caches import VoiceCaches
from services.inference.engines.xtts.waiting_line import WaitingLine

Tokenize = Callable[[str, str], list[int]]
"""From a text and its language code to the tokens that the GPT reads."""


class Decoding:
    """Admits who waits, steps, and hands chunks of latents on."""

    def __init__(
        self,
        decoder: TokenDecoder,
        tokenize: Tokenize,
        voices: VoiceCaches,
        waiting: WaitingLine,
        chunks: ChunkLine,
    ) -> None:
        """Touches neither `decoder` nor `voices` before `run`."""
        self._decoder = decoder
        self._tokenize = tokenize
        self._voices = voices
        self._waiting = waiting
        self._chunks = chunks
        self._speaking: dict[int, Speech] = {}  # by slot, in the order they came
        self._arriving: list[Speech] = []
        self._is_short_of_memory = False

    def run(self) -> None:
        """Decodes until the line of those who wait is closed; sleeps when there is nothing."""
        while self._turn():
            pass

    def end(self, error: Callable[[], Exception]) -> None:
        """Fails all it was busy with, and lets go of the model, after `run` returned or raised."""
        for speech in (*self._speaking.values(), *self._arriving):
            speech.fail(error())
        self._speaking.clear()
        self._arriving.clear()
        del self._decoder, self._voices, self._tokenize

    def _turn(self) -> bool:
        """Decodes one token of each; returns whether to go on. While it waits it holds nobody."""
        self._drop_those_over()
        free = self._decoder.slot_count - len(self._speaking)
        speeches = self._waiting.take(free, wait=not self._speaking)
        if speeches is None:
            return False
        self._admit(speeches)
        if self._speaking:
            self._step()
        return True

    def _admit(self, speeches: list[Speech]) -> None:
        """Begins utterances; those that cannot be begun fail by themselves."""
        self._arriving = speeches
        admissions = [(speech, self._prepare(speech)) for speech in speeches]
        ready = [(speech, admission) for speech, admission in admissions if admission is not None]
        try:
            self._begin(ready)
        except Exception as error:
            if not _concerns_one(error):
                raise
            for one in ready:
                self._begin_alone(*one)
        self._arriving = []

    def _prepare(self, speech: Speech) -> Admission | None:
        """Reads text and voice; returns None for an utterance that failed at that."""
        utterance = speech.utterance
        try:
            text_tokens = self._tokenize(utterance.text, utterance.language_code)
        except Exception as error:  # noqa: BLE001 - a text's fault, whatever it is
            self._turn_away(speech, error)
            return None
        try:
            voice = self._voices.of(speech.conditioning)
        except Exception as error:
            if not _concerns_one(error):
                raise
            self._turn_away(speech, error)
            return None
        return Admission(
            voice=voice,
            text_tokens=text_tokens,
            sampling=utterance.sampling,
            noise_seed=utterance.sentence_index,
            max_tokens=speech.limit.token_count,
        )

    def _begin(self, ready: Sequence[tuple[Speech, Admission]]) -> None:
        if ready:
            slots = self._decoder.admit([admission for _, admission in ready])
            self._speaking.update(zip(slots, [speech for speech, _ in ready], strict=True))

    def _begin_alone(self, speech: Speech, admission: Admission) -> None:
        try:
            self._begin([(speech, admission)])
        except Exception as error:
            if not _concerns_one(error):
                raise
            self._turn_away(speech, error)

    def _turn_away(self, speech: Speech, error: Exception) -> None:
        if is_memory_shortage(error):
            self._make_room()
            error = sacrificed()
        speech.fail(error)
        self._waiting.leave()

    def _step(self) -> None:
        """Decodes a token of every utterance; when memory is short, the youngest must go."""
        try:
            result = self._decoder.step()
        except Exception as error:
            if not is_memory_shortage(error):
                raise
            self._make_room()
            if self._is_short_of_memory:
                slot, speech = self._speaking.popitem()
                self._decoder.release(slot)
                self._turn_away(speech, error)
                self._chunks.wake()
            self._is_short_of_memory = True  # once more with empty caches, then somebody goes
            return
        self._is_short_of_memory = False
        latents = result.latents.clone()  # the decoder may write the next ones over them
        for slot, latent, ended in zip(result.slots, latents, result.ended, strict=True):
            self._add_token(slot, latent, ended)

    def _add_token(self, slot: int, latent: Tensor, ended: EndReason | None) -> None:
        speech = self._speaking[slot]
        finish_reason = FinishReason.COMPLETE if ended is EndReason.STOP else speech.limit.reason
        chunk = speech.add_token(latent, finish_reason if ended else None)
        if ended:
            self._leave_slot(slot)
        if chunk is not None:
            self._chunks.put(speech, chunk)

    def _drop_those_over(self) -> None:
        for slot in [slot for slot, speech in self._speaking.items() if speech.is_over]:
            self._leave_slot(slot)
            self._waiting.leave()

    def _leave_slot(self, slot: int) -> None:
        del self._speaking[slot]
        self._decoder.release(slot)

    def _make_room(self) -> None:
        self._voices.clear()
        free_caches()


def _concerns_one(error: Exception) -> bool:
    """Tells whether others can go on after `error`: it is not the decoder that broke."""
    return isinstance(error, ServiceError) or is_memory_shortage(error)
