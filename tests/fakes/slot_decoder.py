"""A decoder and a vocoder without a model, for what surrounds them."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from services.inference.engines.engine import Samples
from services.inference.engines.xtts.gpt.admission import Admission, EndReason, StepResult
from services.inference.engines.xtts.gpt.kv_cache import VoiceCache

SAMPLES_PER_TOKEN = 10
"""At `FakeVocoder.sample_rate_hertz`, a tenth of a second."""


def _nothing(_: object) -> None:
    """Does nothing."""


@dataclass(slots=True)
class _Slot:
    request: Admission
    length: int
    made: int = 0


def value_of(request: Admission, index: int) -> float:
    """Returns the number that a token's latent, and each of its samples, consists of."""
    return float(sum(request.text_tokens) * 1000 + request.sampling.seed * 100 + index)


class FakeDecoder:
    """Speaks as many tokens as a text has, each of a value that only its request determines."""

    max_tokens = 600

    def __init__(self, slot_count: int = 2) -> None:
        """Has all slots free."""
        self.slot_count = slot_count
        self.speaking: dict[int, _Slot] = {}
        self.admitted: list[Admission] = []
        self.steps = 0
        self.may_step = threading.Event()
        self.may_step.set()
        self.before_step: Callable[[int], None] = _nothing
        self.before_admit: Callable[[Sequence[Admission]], None] = _nothing
        self.read_voices = 0

    def conditioning_cache(self, latents: Tensor) -> VoiceCache:
        """Counts."""
        self.read_voices += 1
        return VoiceCache(latents, latents)

    def admit(self, requests: Sequence[Admission]) -> list[int]:
        """Takes the first free slots."""
        self.before_admit(requests)
        free = [slot for slot in range(self.slot_count) if slot not in self.speaking]
        assert len(requests) <= len(free)
        slots = free[: len(requests)]
        for slot, request in zip(slots, requests, strict=True):
            length = min(len(request.text_tokens), request.max_tokens)
            self.speaking[slot] = _Slot(request, length)
        self.admitted += requests
        return slots

    def step(self) -> StepResult:
        """Waits for `may_step`."""
        assert self.may_step.wait(30)
        self.before_step(self.steps)
        self.steps += 1
        slots = sorted(self.speaking)
        latents = [[value_of(self.speaking[s].request, self.speaking[s].made)] for s in slots]
        for slot in slots:
            self.speaking[slot].made += 1
        ended = [self._ended(self.speaking[slot]) for slot in slots]
        return StepResult(slots, [0] * len(slots), torch.tensor(latents), ended)

    def release(self, slot: int) -> None:
        """Frees it."""
        del self.speaking[slot]

    def _ended(self, slot: _Slot) -> EndReason | None:
        if slot.made < slot.length:
            return None
        is_whole = slot.length == len(slot.request.text_tokens)
        return EndReason.STOP if is_whole else EndReason.MAX_TOKENS


@dataclass(slots=True)
class _FakeUtterance:
    vocoder: "FakeVocoder"

    def push(self, latents: Tensor, *, last: bool = False) -> Samples:
        """Turns each latent into its samples."""
        values = latents[:, 0].numpy()
        self.vocoder.pushed.append(len(values))
        self.vocoder.before_push(float(values[0]))
        return np.repeat(values, SAMPLES_PER_TOKEN).astype(np.float32)


@dataclass(slots=True)
class FakeVocoder:
    """Says every latent as it is."""

    sample_rate_hertz: int = 100
    pushed: list[int] = field(default_factory=list)
    """How many tokens each chunk had."""
    before_push: Callable[[float], None] = _nothing

    def open(self, speaker_embedding: Tensor, speed: float = 1.0) -> _FakeUtterance:
        """Begins an utterance."""
        return _FakeUtterance(self)
