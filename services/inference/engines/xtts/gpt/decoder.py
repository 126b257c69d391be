"""Continuous batching: utterances join and leave the batch at any step."""

import heapq
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog
import torch
from torch import Tensor

from services.chassis.errors import InvalidInputError
from services.inference.engines.xtts.gpt.admission import (
    Admission,
    EndReason,
    SlotsFullError,
    StepResult,
)
from services.inference.engines.xtts.gpt.executors import make_cache, make_executor
from services.inference.engines.xtts.gpt.freed_memory import return_freed_memory
from services.inference.engines.xtts.gpt.kv_cache import VoiceCache
from services.inference.engines.xtts.gpt.precision import Precision
from services.inference.engines.xtts.gpt.prompts import Prompt
from services.inference.engines.xtts.gpt.row_attention import SequenceAttention
from services.inference.engines.xtts.gpt.row_stability import padded, smallest_stable_row_count
from services.inference.engines.xtts.gpt.sampling import request_noise
from services.inference.engines.xtts.gpt.slot_state import SlotState
from services.inference.engines.xtts.gpt.transformer import Transformer
from services.inference.engines.xtts.gpt.vocabulary import Vocabulary

if TYPE_CHECKING:
    from TTS.tts.layers.xtts.gpt import GPT

__all__ = ["Admission", "EndReason", "SlotDecoder", "SlotsFullError", "StepResult", "VoiceCache"]

log = structlog.get_logger()


class SlotDecoder:
    """Decodes up to `slot_count` utterances at once; to be called from one thread only.

    An utterance's tokens and latents are the same to the bit alone, in a full batch, in any slot
    and after whatever the slot held before; greedy tokens are coqui's.
    """

    def __init__(
        self,
        gpt: "GPT",
        *,
        slot_count: int,
        precision: Precision = Precision.FP32,
        device: str = "cpu",
        consume: bool = False,
        slot_buckets: Sequence[int] | None = None,
        steps_per_replay: int = 1,
    ) -> None:
        """Takes the weights of coqui's module.

        With `consume` its blocks are emptied while they are copied, so that the weights are never
        held twice; the module can then still make conditionings, but decode no more. Raises
        InvalidInputError when the device does not compute in that precision.

        `slot_buckets`, the default on a GPU with `slot_count` alone, makes all steps compute in
        fixed shapes and replays them as graphs, `steps_per_replay` at once; see GraphExecutor for
        what more buckets and steps cost and bring.
        """
        target = torch.device(device)
        precision.check(target)
        if slot_buckets is None and target.type != "cpu":
            slot_buckets = [slot_count]
        with torch.inference_mode():
            self._transformer = Transformer(gpt, precision, target, consume=consume)
            self._vocabulary = Vocabulary(gpt, target, consume=consume)
            self._cache = make_cache(
                self._transformer,
                self._vocabulary,
                slot_count,
                precision.cache_dtype(target),
                target,
                fixed_shapes=slot_buckets is not None,
            )
            self._state = SlotState(self._vocabulary, slot_count, target)
            self._row_count_min = self._stable_row_count() if target.type == "cpu" else 1
        self._executor = make_executor(
            self._transformer,
            self._cache,
            self._state,
            row_count_min=self._row_count_min,
            slot_buckets=slot_buckets,
            steps_per_replay=steps_per_replay,
        )
        with torch.inference_mode():
            self._executor.prepare()
        if consume:
            return_freed_memory()
        self.slot_count = slot_count
        self.latent_size = self._transformer.width
        self.max_tokens = self._vocabulary.max_audio_tokens
        self._free = list(range(slot_count))
        self._remaining: dict[int, int] = {}
        self._ended: set[int] = set()

    @property
    def memory_bytes(self) -> int:
        """What weights and caches take, with all slots used to their ends."""
        parts = (self._transformer, self._vocabulary, self._cache, self._state)
        return sum(part.memory_bytes for part in parts)

    @property
    def free_slot_count(self) -> int:
        """How many more utterances can be admitted."""
        return len(self._free)

    @torch.inference_mode()
    def conditioning_cache(self, latents: Tensor) -> VoiceCache:
        """Reads a voice's conditioning, of shape (positions, latent_size), once for all texts."""
        limit = self._vocabulary.max_conditioning_positions
        if latents.ndim != 2 or latents.shape[1] != self.latent_size or len(latents) > limit:  # noqa: PLR2004 - a matrix
            raise InvalidInputError(
                f"The conditioning has the shape {tuple(latents.shape)}, and this model takes up "
                f"to ({limit}, {self.latent_size}); clone the voice again with this model.",
                reason="CONDITIONING_MISMATCH",
                field="conditioning",
            )
        attention = SequenceAttention(len(latents), self._cache.keys.dtype)
        self._transformer(padded(self._on_device(latents), self._row_count_min), attention)
        return attention.cache()

    @torch.inference_mode()
    def latents_of(
        self, conditioning: Tensor, text_tokens: Sequence[int], audio_tokens: Sequence[int]
    ) -> Tensor:
        """Returns the latents, (tokens, latent_size), that these tokens would be drawn from.

        All in one pass, for comparing decoders where their own tokens might part.
        """
        before = [self._vocabulary.start_token, *audio_tokens[:-1]]
        tokens = torch.tensor(before, device=self._cache.keys.device)
        audio = self._vocabulary.audio_rows(tokens, torch.arange(len(before), device=tokens.device))
        text = self._vocabulary.text_rows(text_tokens)
        rows = torch.cat([self._on_device(conditioning), text, audio])
        hidden = self._transformer(rows, SequenceAttention(len(rows), self._cache.keys.dtype))
        return self._vocabulary.latents_and_logits(hidden)[0][-len(before) :]

    @torch.inference_mode()
    def admit(self, requests: Sequence[Admission]) -> list[int]:
        """Reads the texts of some utterances and returns their slots.

        Raises SlotsFullError when there are fewer free slots, and InvalidInputError for a text
        that is too long; nothing is admitted then.
        """
        if len(requests) > len(self._free):
            raise SlotsFullError(
                f"{len(requests)} utterances came for {len(self._free)} free slots; wait for "
                "others to end."
            )
        texts = [self._vocabulary.text_rows(request.text_tokens) for request in requests]
        slots = [heapq.heappop(self._free) for _ in requests]
        prompts = [
            Prompt(slot, request.voice, text)
            for slot, request, text in zip(slots, requests, texts, strict=True)
        ]
        try:
            if prompts:
                self._executor.read(prompts)
            for prompt, request in zip(prompts, requests, strict=True):
                self._begin(prompt, request)
        except BaseException:
            for slot in slots:
                self.release(slot)
            raise
        return slots

    @torch.inference_mode()
    def step(self) -> StepResult:
        """Draws the next token of every utterance that has not ended.

        With several steps per replay who was just admitted may have to wait for the next one.
        """
        active = sorted(self._remaining.keys() - self._ended)
        if not active:
            return StepResult([], [], torch.empty(0, self.latent_size), [])
        slots, tokens, latents = self._executor.step(active)
        ended = [self._count(slot, token) for slot, token in zip(slots, tokens, strict=True)]
        return StepResult(slots, tokens, latents, ended)

    @torch.inference_mode()
    def release(self, slot: int) -> None:
        """Frees a slot, whether its utterance ended or not."""
        self._state.end(slot)
        self._remaining.pop(slot, None)
        self._ended.discard(slot)
        if slot not in self._free:
            heapq.heappush(self._free, slot)

    def _on_device(self, rows: Tensor) -> Tensor:
        return rows.to(self._cache.keys.device, torch.float32)

    def _begin(self, prompt: Prompt, request: Admission) -> None:
        steps = max(1, min(request.max_tokens, self.max_tokens))
        noise = request_noise(
            request.sampling.seed, request.noise_seed, steps, self._state.candidate_count
        )
        self._state.begin(prompt.slot, prompt.position_count, request.sampling, noise)
        self._remaining[prompt.slot] = steps

    def _count(self, slot: int, token: int) -> EndReason | None:
        self._remaining[slot] -= 1
        if token == self._vocabulary.stop_token:
            reason = EndReason.STOP
        elif self._remaining[slot] == 0:
            reason = EndReason.MAX_TOKENS
        else:
            return None
        self._state.end(slot)
        self._ended.add(slot)
        return reason

    def _stable_row_count(self) -> int:
        linears = (*self._transformer.blocks[0].linears, self._vocabulary.head)
        count = smallest_stable_row_count(linears)
        if count is None:
            log.warning("decoder.rows_vary")
        return count or 1
