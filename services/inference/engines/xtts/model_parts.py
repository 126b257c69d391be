"""What the scheduler needs of a model: something that decodes, something that vocodes."""

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from services.inference.engines.engine import Samples
from services.inference.engines.xtts.gpt.admission import Admission, StepResult
from services.inference.engines.xtts.gpt.kv_cache import VoiceCache


class TokenDecoder(Protocol):
    """Decodes several utterances at once; called from one thread only. See `SlotDecoder`.

    A call that raises for want of memory leaves everything as it was, so that it can be repeated.
    """

    @property
    def slot_count(self) -> int:
        """How many utterances it decodes at once."""

    @property
    def max_tokens(self) -> int:
        """The most tokens an utterance can have."""

    def conditioning_cache(self, latents: Tensor) -> VoiceCache:
        """Reads a voice."""

    def admit(self, requests: Sequence[Admission]) -> list[int]:
        """Begins utterances; returns their slots."""

    def step(self) -> StepResult:
        """Returns the next token of each."""

    def release(self, slot: int) -> None:
        """Frees a slot."""


class TokenVocoder(Protocol):
    """Makes latents audible; called from one thread only. See `Vocoder`."""

    @property
    def sample_rate_hertz(self) -> int:
        """The rate of its audio."""

    def open(self, speaker_embedding: Tensor, speed: float = 1.0) -> "VocodedUtterance":
        """Begins an utterance."""


class VocodedUtterance(Protocol):
    """The audio of one utterance. See `VocoderStream`."""

    def push(self, latents: Tensor, *, last: bool = False) -> Samples:
        """Takes the next latents; returns the audio that became certain."""
