"""Runs prompts and steps on a CPU: only rows that are needed, each alike alone and in a batch."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from services.inference.engines.xtts.gpt.kv_cache import KvCache
from services.inference.engines.xtts.gpt.prompts import Prompt
from services.inference.engines.xtts.gpt.row_attention import PromptAttention, StepAttention
from services.inference.engines.xtts.gpt.row_stability import padded
from services.inference.engines.xtts.gpt.slot_state import SlotState
from services.inference.engines.xtts.gpt.transformer import Transformer

_ROW_STEP = 16
"""Texts are read in multiples of so many rows. torch and oneDNN keep what they plan for each number
of rows they meet: of every number from 2 to 400 that took 0.9 GB at the width of XTTS v2."""


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
        count = math.ceil(len(rows) / _ROW_STEP) * _ROW_STEP
        rows = padded(rows, max(count, self._row_count_min))
        self._transformer(rows, PromptAttention(self._cache, prompts))

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
