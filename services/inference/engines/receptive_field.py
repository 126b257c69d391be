"""How far a convolutional generator looks to either side of what it makes."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Convolution:
    """A convolution that keeps its length, as far as reach goes."""

    kernel_size: int
    dilation: int = 1

    @property
    def reach(self) -> int:
        """How many inputs to either side an output sees."""
        return (self.kernel_size - 1) * self.dilation // 2


@dataclass(frozen=True, slots=True)
class Upsampling:
    """A transposed convolution, and the parallel chains of convolutions behind it."""

    kernel_size: int
    stride: int
    padding: int
    chains: Sequence[Sequence[Convolution]]


def receptive_field(
    before: Convolution, upsamplings: Sequence[Upsampling], after: Convolution
) -> int:
    """Returns how many frames to either side of a frame its samples depend on.

    Follows the samples of frame 0 back through the layers; the wider side counts.
    """
    frame_samples = math.prod(upsampling.stride for upsampling in upsamplings)
    first, last = -after.reach, frame_samples - 1 + after.reach
    for upsampling in reversed(upsamplings):
        reach = max(_reach(chain) for chain in upsampling.chains)
        # Output o of a transposed convolution sums inputs i with 0 <= o + padding - i * stride < k.
        first = first - reach + upsampling.padding - upsampling.kernel_size + 1
        first = math.ceil(first / upsampling.stride)
        last = (last + reach + upsampling.padding) // upsampling.stride
    return max(before.reach - first, last + before.reach)


def _reach(chain: Iterable[Convolution]) -> int:
    return sum(convolution.reach for convolution in chain)
