"""What goes into the decoder and what comes out."""

from dataclasses import dataclass
from enum import Enum

from torch import Tensor

from services.chassis.errors import OverloadedError
from services.inference.engines.engine import Sampling
from services.inference.engines.xtts.gpt.kv_cache import VoiceCache


class SlotsFullError(OverloadedError):
    """More utterances than free slots."""

    default_reason = "SLOTS_FULL"


class EndReason(Enum):
    """Why an utterance has no further tokens."""

    STOP = "stop"
    """The model said so; the row that brings this holds the stop token."""
    MAX_TOKENS = "max_tokens"


@dataclass(frozen=True, slots=True)
class Admission:
    """An utterance to decode."""

    voice: VoiceCache
    text_tokens: list[int]
    """Without start and stop tokens; those are the decoder's business."""
    sampling: Sampling
    noise_seed: int
    """Tells utterances of one seed apart: the index of the sentence."""
    max_tokens: int
    """At most so many tokens; the model's own limit holds besides."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """One token for each active slot; all fields have a row for each."""

    slots: list[int]
    tokens: list[int]
    latents: Tensor
    """Of shape (slots, width), float32, on the device; the i-th belongs to the i-th token."""
    ended: list[EndReason | None]
    """Not None in the last row of a slot, which must then be released."""
