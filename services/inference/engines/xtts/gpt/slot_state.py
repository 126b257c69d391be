"""What the decoder remembers of each slot between two steps."""

import torch
from torch import Tensor

from services.inference.engines.engine import Sampling
from services.inference.engines.xtts.gpt.sampling import CANDIDATE_COUNT, draw, penalise
from services.inference.engines.xtts.gpt.vocabulary import Vocabulary


class SlotState:
    """Tensors with a row for each slot, at addresses that stay."""

    def __init__(self, vocabulary: Vocabulary, slot_count: int, device: torch.device) -> None:
        """Reserves the rows."""
        self._vocabulary = vocabulary
        token_count = vocabulary.audio_token_count
        self.candidate_count = min(CANDIDATE_COUNT, token_count)

        def integers() -> Tensor:
            return torch.zeros(slot_count, dtype=torch.long, device=device)

        self.token = integers()
        """The token that goes in next."""
        self.length = integers()
        """How many positions of the cache are filled."""
        self.drawn = integers()
        """How many tokens were drawn; the position of the token that goes in next."""
        self.active = torch.zeros(slot_count, dtype=torch.bool, device=device)
        self._seen = torch.zeros(slot_count, token_count, dtype=torch.bool, device=device)
        self._temperature = torch.ones(slot_count, device=device)
        self._top_k = integers()
        self._top_p = torch.ones(slot_count, device=device)
        self._penalty = torch.ones(slot_count, device=device)
        self._noise = torch.ones(
            slot_count, vocabulary.max_audio_tokens, self.candidate_count, device=device
        )

    @property
    def memory_bytes(self) -> int:
        """What the rows take; of the noise, by far the most."""
        return self._noise.numel() * self._noise.element_size() + self._seen.numel()

    def begin(self, slot: int, length: int, sampling: Sampling, noise: Tensor) -> None:
        """Readies a slot whose prompt fills `length` positions; nothing of its past remains.

        `noise` is of shape (steps, candidates). A temperature of 0 takes the likeliest token.
        """
        greedy = sampling.temperature <= 0
        top_k = 1 if greedy else sampling.top_k or self.candidate_count
        self.token[slot] = self._vocabulary.start_token
        self.length[slot] = length
        self.drawn[slot] = 0
        self._seen[slot] = False
        self._seen[slot, list(self._vocabulary.penalised_tokens)] = True
        self._temperature[slot] = 1.0 if greedy else sampling.temperature
        self._top_k[slot] = top_k
        self._top_p[slot] = sampling.top_p
        self._penalty[slot] = sampling.repetition_penalty
        self._noise[slot, : len(noise)] = noise.to(self._noise.device)
        self.active[slot] = True

    def end(self, slot: int) -> None:
        """Lets the following steps pass a slot over."""
        self.active[slot] = False

    def embeddings(self, slots: Tensor) -> Tensor:
        """Returns what goes in next, of shape (slots, width)."""
        positions = self.drawn[slots].clamp_max(self._vocabulary.max_audio_tokens)
        return self._vocabulary.audio_rows(self.token[slots], positions)

    def advance(self, slots: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Draws the next token of some slots from their hidden states, (slots or more, width).

        Returns the tokens, (slots,), and the latents they were drawn from, (slots, width). Rows
        beyond those of the slots are padding.
        """
        latents, logits = (
            rows[: len(slots)] for rows in self._vocabulary.latents_and_logits(hidden)
        )
        tokens = draw(
            penalise(logits, self._seen[slots], self._penalty[slots]),
            self._noise[slots, self.drawn[slots].clamp_max(self._noise.shape[1] - 1)],
            self._temperature[slots],
            self._top_k[slots],
            self._top_p[slots],
        )
        active = self.active[slots]
        self.token[slots] = torch.where(active, tokens, self.token[slots])
        self.length[slots] += active
        self.drawn[slots] += active
        self._seen[slots, tokens] |= active
        return tokens, latents
