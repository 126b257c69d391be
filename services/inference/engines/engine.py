"""The protocol behind which every family of models stands."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Mono audio, of shape (samples,), from -1 to 1."""


class EngineKind(Enum):
    """A family of models."""

    XTTS = "xtts"
    VITS = "vits"
    TORTOISE = "tortoise"


class Priority(Enum):
    """Who goes first when more want to speak than can."""

    INTERACTIVE = 0
    BULK = 1


class FinishReason(Enum):
    """Why an utterance ended."""

    COMPLETE = "complete"
    MAX_LENGTH = "max_length"
    RUNAWAY = "runaway"
    """It did not find its end: the model went on for far longer than the text can take."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn; models that draw none ignore it."""

    temperature: float = 0.75
    top_k: int = 50
    top_p: float = 0.85
    repetition_penalty: float = 5.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class ReferenceAudio:
    """Speech of one speaker to clone from."""

    samples: Samples
    sample_rate_hertz: int


class Conditioning(Protocol):
    """A voice as an engine sees it; made by that engine, and by the same model version only."""

    def to_bytes(self) -> bytes:
        """Returns it as safetensors, for `Engine.conditioning`."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One sentence to speak."""

    text: str
    """Normalised: words and punctuation alone, at most `Engine.max_characters` long."""
    language_code: str
    """As BCP 47; one of `Engine.language_codes`."""
    conditioning: Conditioning | None = None
    """Who speaks; None for a model with a voice of its own."""
    sampling: Sampling = Sampling()
    speed: float = 1.0
    max_seconds: float = 60.0
    priority: Priority = Priority.INTERACTIVE
    sentence_index: int = 0
    """Counts the sentences of a request, so that each draws noise of its own from the seed."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The next audio of an utterance."""

    samples: Samples
    token_count: int = 0


class UtteranceStream(Protocol):
    """The audio of an utterance while it is made.

    An engine goes on to the end of the utterance whether or not somebody reads, so a slow reader
    holds no slot, and no more memory than one utterance takes. Raises OverloadedError when the
    engine ran out of memory (others go on), and UnavailableError when it was closed meanwhile.
    """

    def __aiter__(self) -> AsyncIterator[Piece]:
        """Yields the audio in order; may be called once."""

    @property
    def finish_reason(self) -> FinishReason | None:
        """Why it ended; None before."""

    async def aclose(self) -> None:
        """Gives back what it held, at once; what is not made yet will not be made."""


class Engine(Protocol):
    """A loaded model. Safe to use from one event loop; it computes on threads of its own."""

    @property
    def kind(self) -> EngineKind:
        """Its family."""

    @property
    def sample_rate_hertz(self) -> int:
        """The rate of its audio."""

    @property
    def language_codes(self) -> frozenset[str]:
        """The languages it speaks, as BCP 47."""

    @property
    def can_clone(self) -> bool:
        """Whether it speaks with any voice (and needs a conditioning), or with its own alone."""

    @property
    def slot_count(self) -> int:
        """How many utterances it makes at once; more wait, the interactive ones first."""

    @property
    def device(self) -> str:
        """Where it runs, such as cpu or cuda:0."""

    @property
    def precision(self) -> str:
        """How its weights are held, such as fp32."""

    @property
    def memory_bytes(self) -> int:
        """What its weights and caches take."""

    def max_characters(self, language_code: str) -> int:
        """Returns how long the text of an utterance may be."""

    async def condition(self, references: Sequence[ReferenceAudio]) -> Conditioning:
        """Clones a voice. Raises InvalidInputError for an engine that cannot."""

    def conditioning(self, content: bytes) -> Conditioning:
        """Returns what `Conditioning.to_bytes` gave. Raises InvalidInputError for anything else."""

    def speaker(self, name: str) -> Conditioning:
        """Returns a voice that the model brings along, by the name its files give it.

        Raises InvalidInputError with the reason UNKNOWN_SPEAKER when it brings no such one.
        """

    def open(self, utterance: Utterance) -> UtteranceStream:
        """Begins an utterance, or queues it until a slot is free."""

    async def aclose(self) -> None:
        """Ends its threads and frees its memory; open streams raise UnavailableError."""
