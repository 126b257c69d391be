"""Keys and values of what was read and said, one place for each slot."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class VoiceCache:
    """Keys and values of a voice's conditioning, which no text can change."""

    keys: Tensor
    """Of shape (layers, heads, positions, head size)."""
    values: Tensor

    @property
    def position_count(self) -> int:
        """How many positions come before the text."""
        return self.keys.shape[2]

    @property
    def memory_bytes(self) -> int:
        """What it takes."""
        return 2 * self.keys.numel() * self.keys.element_size()


class KvCache:
    """Keys and values, each of shape (layers, slots, heads, positions, head size).

    Reserved once: the addresses stay, as a CUDA graph needs it.
    """

    def __init__(
        self,
        *,
        layers: int,
        slots: int,
        heads: int,
        positions: int,
        head_size: int,
        dtype: torch.dtype,
        device: torch.device,
        zeroed: bool,
    ) -> None:
        """Reserves the memory; raises torch.OutOfMemoryError when there is not enough on a GPU.

        Pages of a CPU that nobody zeroes and nobody wrote to take no memory, so that a slot costs
        what its longest utterance took.
        """
        shape = (layers, slots, heads, positions, head_size)
        reserve = torch.zeros if zeroed else torch.empty
        self.keys: Tensor = reserve(shape, dtype=dtype, device=device)
        self.values: Tensor = reserve(shape, dtype=dtype, device=device)

    @property
    def position_count(self) -> int:
        """How long an utterance can become, with all that precedes it."""
        return self.keys.shape[3]

    @property
    def memory_bytes(self) -> int:
        """What it takes when all slots were used to their ends."""
        return 2 * self.keys.numel() * self.keys.element_size()

    def begin(self, slot: int, voice: VoiceCache) -> None:
        """Puts a voice in front of what a slot will read."""
        self.keys[:, slot, :, : voice.position_count] = voice.keys
        self.values[:, slot, :, : voice.position_count] = voice.values

    def clear(self, slot: int) -> None:
        """Forgets what a slot held; needed where all positions are read and hidden ones weigh 0.

        Nothing but a number times 0 is 0: an overflow of who sat there before would spread.
        """
        self.values[:, slot].zero_()
