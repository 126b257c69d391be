"""Linear interpolation in windows, equal to one pass over the whole signal."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class LinearInterpolation:
    """`torch.nn.functional.interpolate(mode="linear", scale_factor=ratio)` in windows.

    Positions come from indices in the whole signal, so no window begins at a phase of its own.
    """

    ratio: float
    """Outputs per input."""

    def length(self, input_count: int) -> int:
        """Returns how many outputs `input_count` inputs have."""
        return math.floor(input_count * self.ratio)

    def certain_length(self, input_count: int) -> int:
        """Returns how many outputs stay as they are, whatever follows after `input_count`."""
        length = self.length(input_count)
        while length > 0 and self.inputs(length - 1, length)[1] > input_count:
            length -= 1
        return length

    def inputs(self, start: int, stop: int) -> tuple[int, int]:
        """Returns the inputs, as [start, stop), that the outputs [start, stop) lie between."""
        first, last = self._positions(torch.tensor([start, stop - 1])).floor().long().tolist()
        return first, last + 2

    def window(self, values: Tensor, offset: int, start: int, stop: int, count: int) -> Tensor:
        """Returns the outputs [start, stop), of shape (stop - start, channels).

        `values`, of shape (inputs, channels), are inputs from index `offset` on, among them those
        of `inputs(start, stop)`; `count` is how many there are in the whole signal, or any number
        beyond the window while that is not known.
        """
        if start == 0 and stop == self.length(count) == count:
            return values  # as many outputs as inputs: torch leaves the whole signal as it is
        positions = self._positions(torch.arange(start, stop))
        lower = positions.floor().long().clamp(max=count - 1)
        upper = (lower + 1).clamp(max=count - 1)
        weights = (positions - lower).clamp(0, 1).to(values)[:, None]
        device = values.device
        return values[(lower - offset).to(device)] * (1 - weights) + (
            values[(upper - offset).to(device)] * weights
        )

    def _positions(self, indices: Tensor) -> Tensor:
        """Returns where among the inputs these outputs lie, rounded as torch rounds.

        torch multiplies and subtracts in single precision with one rounding (an FMA). At index
        2,000 a step is 1e-4 wide: exact positions would be audibly right, but not equal.
        """
        scale = torch.tensor(1.0 / self.ratio, dtype=torch.float32).double()
        return (scale * (indices.double() + 0.5) - 0.5).float().clamp(min=0)
