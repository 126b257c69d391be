"""Runs prompts and steps on a GPU: fixed shapes, replayed as CUDA graphs."""

from collections import defaultdict, deque
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from services.inference.engines.xtts.gpt.block_attention import (
    BLOCK_POSITIONS,
    BlockStepAttention,
    PaddedPromptAttention,
    block_count,
)
from services.inference.engines.xtts.gpt.kv_cache import KvCache
from services.inference.engines.xtts.gpt.prompts import Prompt
from services.inference.engines.xtts.gpt.slot_state import SlotState
from services.inference.engines.xtts.gpt.step_graph import StepGraph
from services.inference.engines.xtts.gpt.transformer import Transformer

PROMPTS_AT_ONCE = 8
TEXT_BUCKETS = (64, 128, 256)


class GraphExecutor:
    """All slots of a bucket compute in every step, whether or not somebody sits in them.

    The slot count alone decides about the shapes of the matrix products, and a text's own length
    about those of its reading, so neighbours change nothing. With more than one slot bucket a few
    utterances take shorter steps, but a library may then add up in another order.
    """

    def __init__(
        self,
        transformer: Transformer,
        cache: KvCache,
        state: SlotState,
        *,
        slot_buckets: Sequence[int],
        steps_per_replay: int = 1,
    ) -> None:
        """Takes a cache with one slot more than the largest bucket, for padding.

        With several steps in a replay the host is asked less often; tokens then come in bursts,
        an end is noticed that much later, and who is admitted waits for the next replay.
        """
        self._transformer = transformer
        self._cache = cache
        self._state = state
        self._slot_buckets = sorted(slot_buckets)
        self._steps_per_replay = steps_per_replay
        self._lengths = [0] * self._slot_buckets[-1]
        self._graphs: dict[tuple[int, int], StepGraph] = {}
        self._made: deque[tuple[dict[int, int], Tensor]] = deque()

    def prepare(self) -> None:
        """Captures the graphs, so that no utterance waits for that; takes seconds on a GPU."""
        for bucket in self._slot_buckets:
            for blocks in range(1, block_count(self._cache.position_count) + 1):
                self._graph(bucket, blocks)

    def read(self, prompts: Sequence[Prompt]) -> None:
        """Fills the cache with the prompts."""
        groups: defaultdict[tuple[int, int], list[Prompt]] = defaultdict(list)
        for prompt in prompts:
            self._cache.clear(prompt.slot)
            self._cache.begin(prompt.slot, prompt.voice)
            self._lengths[prompt.slot] = prompt.position_count
            for tokens, _ in self._made:
                tokens.pop(prompt.slot, None)
            voice_positions = prompt.voice.position_count
            rows = min(_text_rows(len(prompt.text)), self._cache.position_count - voice_positions)
            groups[rows, voice_positions].append(prompt)
        for (rows, _), group in groups.items():
            for start in range(0, len(group), PROMPTS_AT_ONCE):
                self._read_together(group[start : start + PROMPTS_AT_ONCE], rows)

    def step(self, slots: Sequence[int]) -> tuple[list[int], list[int], Tensor]:
        """Returns which slots have a next token, the tokens, and the latents, (slots, width)."""
        while True:
            if not self._made:
                self._replay(slots)
            tokens, latents = self._made[0]
            ready = [slot for slot in slots if slot in tokens]
            rows = latents[ready]  # raises for want of memory while the step can be repeated
            self._made.popleft()
            if ready:
                return ready, [tokens[slot] for slot in ready], rows

    def _replay(self, slots: Sequence[int]) -> None:
        bucket = next(count for count in self._slot_buckets if count > max(slots))
        steps = self._steps_per_replay
        longest = max(self._lengths[slot] for slot in slots) + steps
        blocks = block_count(min(longest, self._cache.position_count))
        tokens, latents = self._graph(bucket, blocks).replay()
        for slot in slots:
            self._lengths[slot] += steps
        for step_tokens, step_latents in zip(tokens, latents, strict=True):
            self._made.append(({slot: step_tokens[slot] for slot in slots}, step_latents))

    def _graph(self, bucket: int, blocks: int) -> StepGraph:
        graph = self._graphs.get((bucket, blocks))
        if graph is None:
            graph = StepGraph(
                lambda: self._compute(bucket, blocks),
                self._state.active,
                steps=self._steps_per_replay,
                pool_of=next(iter(self._graphs.values()), None),
            )
            self._graphs[bucket, blocks] = graph
        return graph

    def _compute(self, bucket: int, blocks: int) -> tuple[Tensor, Tensor]:
        slots = torch.arange(bucket, device=self._state.length.device)
        attention = BlockStepAttention(self._cache, self._state.length[:bucket], blocks)
        return self._state.advance(
            slots, self._transformer(self._state.embeddings(slots), attention)
        )

    def _read_together(self, prompts: Sequence[Prompt], rows: int) -> None:
        spare = PROMPTS_AT_ONCE - len(prompts)
        texts = [
            functional.pad(prompt.text, (0, 0, 0, rows - len(prompt.text))) for prompt in prompts
        ]
        padding = texts[0].new_zeros(spare * rows, texts[0].shape[1])
        attention = PaddedPromptAttention(self._cache, prompts, rows, spare)
        self._transformer(torch.cat([*texts, padding]), attention)


def _text_rows(length: int) -> int:
    """Returns the bucket of a text."""
    buckets = (bucket for bucket in TEXT_BUCKETS if bucket >= length)
    return next(buckets, block_count(length) * BLOCK_POSITIONS)
