"""Prompts for the slot decoder, and what it makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from services.inference.engines.engine import Sampling
from services.inference.engines.xtts.gpt.decoder import Admission, EndReason, SlotDecoder


@dataclass(frozen=True)
class Prompt:
    """A voice, (positions, width), and a text."""

    conditioning: Tensor
    text_tokens: list[int]


@dataclass
class Utterance:
    """What was decoded from a prompt."""

    tokens: list[int] = field(default_factory=list)
    rows: list[Tensor] = field(default_factory=list)
    ended: EndReason | None = None

    @property
    def latents(self) -> Tensor:
        """Of shape (tokens, width)."""
        return torch.stack(self.rows)


def prompts(count: int, *, width: int, seed: int = 0, token_limit: int = 260) -> list[Prompt]:
    """Makes prompts of different voices and lengths."""
    generator = torch.Generator().manual_seed(seed)
    return [
        Prompt(
            torch.randn(32, width, generator=generator),
            torch.randint(1, token_limit, (3 + 5 * number,), generator=generator).tolist(),
        )
        for number in range(count)
    ]


def decoded(
    decoder: SlotDecoder,
    asked: Sequence[Prompt],
    sampling: Sampling,
    *,
    max_tokens: int = 10_000,
    steps_between: int = 0,
    sentence_index: int = 0,
) -> list[Utterance]:
    """Decodes the prompts, each as soon as a slot is free and `steps_between` steps have passed."""
    spoken = [Utterance() for _ in asked]
    waiting = list(enumerate(asked))[::-1]
    speaking: dict[int, int] = {}
    step = 0
    while waiting or speaking:
        while (
            waiting
            and decoder.free_slot_count
            and step >= steps_between * (len(asked) - len(waiting))
        ):
            number, prompt = waiting.pop()
            voice = decoder.conditioning_cache(prompt.conditioning)
            request = Admission(voice, prompt.text_tokens, sampling, sentence_index, max_tokens)
            (slot,) = decoder.admit([request])
            speaking[slot] = number
        result = decoder.step()
        step += 1
        for slot, token, latent, ended in zip(
            result.slots, result.tokens, result.latents, result.ended, strict=True
        ):
            utterance = spoken[speaking[slot]]
            utterance.tokens.append(token)
            utterance.rows.append(latent)
            if ended:
                utterance.ended = ended
                decoder.release(slot)
                del speaking[slot]
    return spoken
