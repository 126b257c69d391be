"""How far a generator looks follows from its layers."""

import pytest

from services.inference.engines.receptive_field import (
    Convolution,
    Upsampling,
    receptive_field,
)

SEVEN = Convolution(7)
ALONE = Convolution(1)


def a_chain(kernel_size: int, dilations: tuple[int, ...] = (1, 3, 5)) -> list[Convolution]:
    """As HiFi-GAN's residual blocks: each dilated convolution is followed by a plain one."""
    return [
        one for d in dilations for one in (Convolution(kernel_size, d), Convolution(kernel_size))
    ]


def test_xtts_looks_thirteen_frames_to_either_side() -> None:
    chains = [a_chain(size) for size in (3, 7, 11)]
    upsamplings = [
        Upsampling(k, u, (k - u) // 2, chains) for k, u in ((16, 8), (16, 8), (4, 2), (4, 2))
    ]

    assert receptive_field(SEVEN, upsamplings, SEVEN) == 13


@pytest.mark.parametrize(("kernel_size", "reach"), [(1, 0), (3, 1), (7, 3)])
def test_without_upsampling_it_is_the_reach_of_the_convolutions(
    kernel_size: int, reach: int
) -> None:
    assert receptive_field(Convolution(kernel_size), [], ALONE) == reach
    assert receptive_field(Convolution(kernel_size), [], SEVEN) == reach + 3


def test_behind_an_upsampling_the_same_convolution_reaches_less_far() -> None:
    without = Upsampling(8, 8, 0, [[ALONE]])
    far = Upsampling(8, 8, 0, [[Convolution(17)]])

    assert receptive_field(ALONE, [without], ALONE) == 0
    assert receptive_field(ALONE, [far], ALONE) == 1
