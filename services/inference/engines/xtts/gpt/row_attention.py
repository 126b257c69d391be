"""Attention for a CPU: each row reads the positions of its own utterance and none beside them."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from services.inference.engines.xtts.gpt.kv_cache import KvCache, VoiceCache
from services.inference.engines.xtts.gpt.prompts import Prompt


class SequenceAttention:
    """Attention within one sequence that begins here; collects its keys and values."""

    def __init__(self, position_count: int, dtype: torch.dtype) -> None:
        """Takes the length of the sequence and what keys and values are kept in."""
        self._position_count = position_count
        self._dtype = dtype
        self._keys: list[Tensor] = []
        self._values: list[Tensor] = []

    def __call__(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:  # noqa: ARG002
        """As `Attention`; layers come in order, and padding comes last, where nobody sees it."""
        keys, values = (part.to(self._dtype).transpose(0, 1) for part in (key, value))
        self._keys.append(keys[:, : self._position_count])
        self._values.append(values[:, : self._position_count])
        return _attend(query.to(self._dtype), keys, values, causal=True)

    def cache(self) -> VoiceCache:
        """Returns what was collected."""
        return VoiceCache(torch.stack(self._keys), torch.stack(self._values))


class PromptAttention:
    """Attention over the texts of several prompts, whose rows follow each other."""

    def __init__(self, cache: KvCache, prompts: Sequence[Prompt]) -> None:
        self._cache = cache
        self._prompts = prompts
        self._masks = [_text_mask(prompt) for prompt in prompts]

    def __call__(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """As `Attention`; rows beyond those of the prompts are padding and give zeros."""
        gathered = torch.zeros_like(query, dtype=self._cache.keys.dtype)
        start = 0
        for prompt, mask in zip(self._prompts, self._masks, strict=True):
            rows = slice(start, start + len(prompt.text))
            places = slice(prompt.voice.position_count, prompt.position_count)
            keys = self._cache.keys[layer, prompt.slot, :, : prompt.position_count]
            values = self._cache.values[layer, prompt.slot, :, : prompt.position_count]
            keys[:, places] = key[rows].transpose(0, 1)
            values[:, places] = value[rows].transpose(0, 1)
            gathered[rows] = _attend(query[rows].to(keys.dtype), keys, values, mask=mask)
            start = rows.stop
        return gathered


class StepAttention:
    """Attention of one new row for each of some slots."""

    def __init__(self, cache: KvCache, slots: Sequence[int], lengths: Sequence[int]) -> None:
        """Takes how many positions each slot holds before the new one."""
        self._cache = cache
        self._slots = torch.tensor(slots)
        self._positions = torch.tensor(lengths)
        self._keys = [
            cache.keys[:, slot, :, : length + 1].unbind(0)
            for slot, length in zip(slots, lengths, strict=True)
        ]
        self._values = [
            cache.values[:, slot, :, : length + 1].unbind(0)
            for slot, length in zip(slots, lengths, strict=True)
        ]

    def __call__(self, layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """As `Attention`; rows beyond those of the slots are padding and give zeros."""
        count, dtype = len(self._slots), self._cache.keys.dtype
        self._cache.keys[layer][self._slots, :, self._positions] = key[:count].to(dtype)
        self._cache.values[layer][self._slots, :, self._positions] = value[:count].to(dtype)
        gathered = torch.zeros_like(query, dtype=dtype)
        for row in range(count):
            gathered[row : row + 1] = _attend(
                query[row : row + 1].to(dtype), self._keys[row][layer], self._values[row][layer]
            )
        return gathered


def _attend(
    query: Tensor, keys: Tensor, values: Tensor, *, mask: Tensor | None = None, causal: bool = False
) -> Tensor:
    """Returns (rows, heads, size) for queries of that shape; keys are (heads, positions, size)."""
    gathered = functional.scaled_dot_product_attention(
        query.transpose(0, 1)[None], keys[None], values[None], attn_mask=mask, is_causal=causal
    )
    return gathered[0].transpose(0, 1)


def _text_mask(prompt: Prompt) -> Tensor:
    """Each position of the text sees the conditioning, the text before it and itself."""
    seen = torch.ones(len(prompt.text), prompt.position_count, dtype=torch.bool)
    return seen.tril(prompt.voice.position_count)
