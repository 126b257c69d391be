"""Which way of computing suits which device."""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from services.inference.engines.xtts.gpt.block_attention import BLOCK_POSITIONS, block_count
from services.inference.engines.xtts.gpt.graph_executor import GraphExecutor
from services.inference.engines.xtts.gpt.kv_cache import KvCache
from services.inference.engines.xtts.gpt.prompts import Prompt
from services.inference.engines.xtts.gpt.row_executor import RowExecutor
from services.inference.engines.xtts.gpt.slot_state import SlotState
from services.inference.engines.xtts.gpt.transformer import Transformer
from services.inference.engines.xtts.gpt.vocabulary import Vocabulary


class Executor(Protocol):
    """Reads prompts and takes steps."""

    def prepare(self) -> None:
        """Does what the first utterance would otherwise wait for."""

    def read(self, prompts: Sequence[Prompt]) -> None:
        """Fills the cache with the prompts."""

    def step(self, slots: Sequence[int]) -> tuple[list[int], list[int], Tensor]:
        """Returns which slots have a next token, the tokens, and the latents, (slots, width)."""


def make_cache(
    transformer: Transformer,
    vocabulary: Vocabulary,
    slot_count: int,
    dtype: torch.dtype,
    device: torch.device,
    *,
    fixed_shapes: bool,
) -> KvCache:
    """Reserves what `make_executor` needs."""
    positions = vocabulary.max_positions
    if fixed_shapes:
        positions = block_count(positions) * BLOCK_POSITIONS
    return KvCache(
        layers=len(transformer.blocks),
        slots=slot_count + fixed_shapes,
        heads=transformer.head_count,
        positions=positions,
        head_size=transformer.head_size,
        dtype=dtype,
        device=device,
        zeroed=fixed_shapes,  # there all positions are read, and hidden ones weigh 0
    )


def make_executor(
    transformer: Transformer,
    cache: KvCache,
    state: SlotState,
    *,
    row_count_min: int,
    slot_buckets: Sequence[int] | None,
    steps_per_replay: int,
) -> Executor:
    """Returns one that computes active rows alone, or slot buckets in fixed shapes."""
    if slot_buckets is None:
        return RowExecutor(transformer, cache, state, row_count_min)
    return GraphExecutor(
        transformer, cache, state, slot_buckets=slot_buckets, steps_per_replay=steps_per_replay
    )
