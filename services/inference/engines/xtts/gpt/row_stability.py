"""From how many rows on a matrix product computes each row alike."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from services.inference.engines.xtts.gpt.linears import Linear


def padded(rows: Tensor, row_count_min: int) -> Tensor:
    """Appends rows of zeros to fewer than `row_count_min`."""
    return functional.pad(rows, (0, 0, 0, max(0, row_count_min - len(rows))))


def smallest_stable_row_count(
    linears: Iterable[Linear], candidates: Sequence[int] = (2, 4, 8)
) -> int | None:
    """Returns the fewest rows from which on no row depends on the others or on their number.

    Libraries pick a kernel by the number of rows, and kernels differ in the order in which they
    add up, so this is measured, to the bit, on the matrices and the processor at hand. A single
    row is no candidate: it often has a kernel of its own, and two cost hardly more. None when no
    candidate will do.
    """
    probes = [(linear, _probe_rows(linear.in_features)) for linear in linears]
    for candidate in candidates:
        if all(_is_stable(linear, rows, candidate) for linear, rows in probes):
            return candidate
    return None


def _probe_rows(width: int) -> Tensor:
    rows = torch.randn(max(_PROBED_ROW_COUNTS), width, generator=torch.Generator().manual_seed(0))
    rows[1::3] *= 20  # a loud neighbour must not matter either
    return rows


def _is_stable(linear: Linear, rows: Tensor, row_count_min: int) -> bool:
    expected = linear(rows)
    return all(
        torch.equal(linear(padded(part, row_count_min))[: len(part)], expected_part)
        for count in _PROBED_ROW_COUNTS
        # All rows at every count: rounding to bfloat16 hides most differences.
        for part, expected_part in zip(
            torch.split(rows, count), torch.split(expected, count), strict=True
        )
    )


_PROBED_ROW_COUNTS = (*range(1, 9), 12, 17, 33, 64)
