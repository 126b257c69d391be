"""Attention for a GPU: all slots at once, in shapes that do not depend on what they hold.

Positions are read in blocks of a fixed size, and the blocks of a row are put together in a fixed
order (as in flash decoding). A block that lies behind a row's end adds zeros, so a row comes out
the same however many blocks its neighbours need.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from services.inference.engines.xtts.gpt.kv_cache import KvCache
from services.inference.engines.xtts.gpt.prompts import Prompt

BLOCK_POSITIONS = 128


def block_count(position_count: int) -> int:
    """Returns how many blocks hold so many positions."""
    return -(-position_count // BLOCK_POSITIONS)


class BlockStepAttention:
    """Attention of one new row for each of the first slots; captured in CUDA graphs."""

    def __init__(self, cache: KvCache, lengths: Tensor, blocks: int) -> None:
        """Takes how many positions each slot holds, (slots,), and how many blocks to read."""
        self._cache = cache
        self._slots = torch.arange(len(lengths), device=lengths.device)
        self._positions = lengths.clamp_max(cache.position_count - 1)
        self._blocks = blocks
        self._block_limit = block_count(cache.position_count)
        places = torch.arange(blocks * BLOCK_POSITIONS, device=lengths.device)
        self._hidden = (places[None] > self._positions[:, None]).view(
            len(lengths), 1, blocks, 1, BLOCK_POSITIONS
        )

    def __call__(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """As `Attention`."""
        keys, values = self._cache.keys[layer], self._cache.values[layer]
        keys[self._slots, :, self._positions] = key.to(keys.dtype)
        values[self._slots, :, self._positions] = value.to(values.dtype)
        column = query.to(keys.dtype)[..., None]
        scores = torch.stack([block @ column for block in self._in_blocks(keys)], 2)
        scores = scores.transpose(-1, -2).float() * query.shape[-1] ** -0.5
        scores = scores.masked_fill(self._hidden, -torch.inf)
        peaks = scores.amax(-1, keepdim=True)
        weights = (scores - peaks.clamp_min(torch.finfo(torch.float32).min)).exp()
        shared = weights.to(values.dtype).unbind(2)
        parts = [
            share @ block for share, block in zip(shared, self._in_blocks(values), strict=True)
        ]
        gathered = torch.stack(parts, 2).float()
        shares = (peaks - peaks.amax(2, keepdim=True)).exp()
        total = self._summed(weights.sum(-1, keepdim=True) * shares)
        return (self._summed(gathered * shares) / total).squeeze(2)

    def _in_blocks(self, cached: Tensor) -> Sequence[Tensor]:
        """Views (slots, heads, positions, size) as blocks of (slots, heads, places, size).

        Each is multiplied by itself: of all at once the count would be part of the shape, by which
        libraries choose how to add up, and matrices that lie so apart would be copied first.
        """
        part = cached[: len(self._slots), :, : self._blocks * BLOCK_POSITIONS]
        return torch.split(part, BLOCK_POSITIONS, dim=2)

    def _summed(self, parts: Tensor) -> Tensor:
        """Adds up blocks, always as many: how a sum is ordered depends on its length."""
        missing = self._block_limit - self._blocks
        return functional.pad(parts, (0, 0, 0, 0, 0, missing)).sum(2)


class PaddedPromptAttention:
    """Attention over the texts of several prompts, each padded to as many rows."""

    def __init__(self, cache: KvCache, prompts: Sequence[Prompt], rows: int, spare: int) -> None:
        """Takes the `rows` of each prompt, and the `spare` prompts of padding behind them.

        The prompts' voices have as many positions each. Padding goes to the cache's last slot,
        which no utterance has.
        """
        device = cache.keys.device
        scratch = cache.keys.shape[1] - 1
        self._cache = cache
        self._rows = rows
        self._slots = torch.tensor(
            [prompt.slot for prompt in prompts] + [scratch] * spare, device=device
        )
        first = torch.tensor(
            [prompt.voice.position_count for prompt in prompts] + [0] * spare, device=device
        )
        self._places = first[:, None] + torch.arange(rows, device=device)
        self._reach = prompts[0].voice.position_count + rows
        self._mask = (
            torch.arange(self._reach, device=device) <= self._places[:, :, None]
        ).unsqueeze(1)

    def __call__(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """As `Attention`; the rows of the prompts follow each other."""
        keys, values = self._cache.keys[layer], self._cache.values[layer]
        query, key, value = (
            part.to(keys.dtype).view(-1, self._rows, *part.shape[1:])
            for part in (query, key, value)
        )
        keys[self._slots[:, None], :, self._places] = key
        values[self._slots[:, None], :, self._places] = value
        gathered = functional.scaled_dot_product_attention(
            query.transpose(1, 2),
            keys[self._slots, :, : self._reach],
            values[self._slots, :, : self._reach],
            attn_mask=self._mask,
        )
        return gathered.transpose(1, 2).flatten(0, 1)
