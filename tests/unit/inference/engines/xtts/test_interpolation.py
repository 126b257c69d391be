"""Windows of an interpolation are cut from the whole one."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from services.inference.engines.xtts.interpolation import LinearInterpolation

RATIOS = [4.0, 24_000 / 22_050, 0.5, 1 / 0.8, 1 / 1.3]


def whole(values: Tensor, ratio: float) -> Tensor:
    return functional.interpolate(values.T[None], scale_factor=ratio, mode="linear")[0].T


def values(count: int) -> Tensor:
    return torch.randn(count, 3, generator=torch.Generator().manual_seed(count))


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("count", [1, 2, 7, 2408])
def test_the_widest_window_is_what_torch_makes_to_the_last_bits(ratio: float, count: int) -> None:
    interpolation = LinearInterpolation(ratio)
    length = interpolation.length(count)
    if length == 0:
        return
    found = interpolation.window(values(count), 0, 0, length, count)

    assert torch.allclose(found, whole(values(count), ratio), rtol=0, atol=1e-6)


@given(
    ratio=st.sampled_from(RATIOS),
    start=st.integers(0, 200),
    width=st.integers(1, 60),
    missing=st.integers(0, 5),
)
def test_a_window_needs_the_inputs_it_names_and_no_others(
    ratio: float, start: int, width: int, missing: int
) -> None:
    count = 400
    interpolation = LinearInterpolation(ratio)
    first, after = interpolation.inputs(start, start + width)
    first = max(0, first - missing)
    part = values(count)[first:after]

    found = interpolation.window(part, first, start, start + width, count)

    expected = whole(values(count), ratio)[start : start + width]
    assert torch.allclose(found[: len(expected)], expected, rtol=0, atol=1e-6)


@given(ratio=st.sampled_from(RATIOS), count=st.integers(1, 300))
def test_what_is_certain_needs_nothing_that_is_still_to_come(ratio: float, count: int) -> None:
    interpolation = LinearInterpolation(ratio)
    certain = interpolation.certain_length(count)

    assert certain <= interpolation.length(count)
    if certain:
        assert interpolation.inputs(certain - 1, certain)[1] <= count
    assert interpolation.inputs(certain, certain + 1)[1] > count or (
        certain == interpolation.length(count)
    )
