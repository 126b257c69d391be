"""Runs prompts and steps on a CPU: only rows that are needed, each alike alone and in a batch."""

from collections.abc import Sequence

import torch
from torch import Tensor

from services.inference.engines.xtts.gpt.kv_cache import KvCache
from services.inference.engines.xtts.gpt.prompts import Prompt
from services.inference.engines.xtts.gpt.row_attention import PromptAttention, StepAttention
from services.inference.engines.xtts.gpt.row_stability import padded
from services.inference.engines.xtts.gpt.slot_state import SlotState
from services.inference.engines.xtts.gpt.transformer import Transformer


class RowExecutor:
    """Rows of different utterances follow each other in one matrix, without gaps.

    That needs matrix products whose rows do not depend on how many there are; `row_count_min` is
    from how many rows on that holds.
    """

    def __init__(
        self, transformer: Transformer, cache: KvCache, state: SlotState, row_count_min: int
    ) -> None:
        self._transformer = transformer
        self._cache = cache
        self._state = state
        self._row_count_min = row_count_min

    def prepare(self) -> None:
        """Needs nothing before the first utterance."""

    def read(self, prompts: Sequence[Prompt]) -> None:
        """Fills the cache with the prompts."""
        for prompt in prompts:
            self._cache.begin(prompt.slot, prompt.voice)
        rows = torch.cat([prompt.text for prompt in prompts])
        self._transformer(padded(rows, self._row_count_min), PromptAttention(self._cache, prompts))

    def step(self, slots: Sequence[int]) -> tuple[list[int], list[int], Tensor]:
        """Returns which slots have a next token, the tokens, and the latents, (slots, width).

        Here all of them have one.
        """
        index = torch.tensor(slots)
        attention = StepAttention(self._cache, slots, self._state.length[index].tolist())
        rows = padded(self._state.embeddings(index), self._row_count_min)
        hidden = self._transformer(rows, attention)
        tokens, latents = self._state.advance(index, hidden)
        return list(slots), tokens.tolist(), latents
