"""Matrix products by precision."""

import pytest
import torch
from torch import Tensor

from services.chassis.errors import InvalidInputError
from services.inference.engines.xtts.gpt.linears import Linear, make_linear
from services.inference.engines.xtts.gpt.precision import Precision
from services.inference.engines.xtts.gpt.row_stability import padded, smallest_stable_row_count

CPU = torch.device("cpu")
ON_CPU = (Precision.FP32, Precision.BF16, Precision.INT8)


@pytest.fixture(scope="module", params=[(256, 1024), (1024, 256), (96, 33)])
def weights(request: pytest.FixtureRequest) -> tuple[Tensor, Tensor]:
    width, out = request.param
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(out, width, generator=generator) * 0.05
    weight[0] *= 30  # one channel must not cost the others their bits
    return weight, torch.randn(out, generator=generator)


def rows_of(width: int, count: int = 40) -> Tensor:
    rows = torch.randn(count, width, generator=torch.Generator().manual_seed(1))
    rows[::3] *= 50  # loud neighbours
    return rows


def errors(linear: Linear, weights: tuple[Tensor, Tensor]) -> Tensor:
    """Relative to each row's root mean square, bias aside."""
    weight, bias = weights
    rows = rows_of(weight.shape[1])
    exact = (rows.double() @ weight.double().T)[:, 1:]
    difference = (linear(rows).double() - bias)[:, 1:] - exact
    return difference.square().mean(1).sqrt() / exact.square().mean(1).sqrt()


@pytest.mark.parametrize(
    ("precision", "bound"),
    [(Precision.FP32, 1e-5), (Precision.BF16, 0.05), (Precision.INT8, 0.02)],
)
def test_the_product_is_right_for_each_row_however_loud_its_neighbours(
    weights: tuple[Tensor, Tensor], precision: Precision, bound: float
) -> None:
    assert float(errors(make_linear(*weights, precision, CPU), weights).max()) < bound


@pytest.mark.parametrize("precision", ON_CPU)
def test_a_row_is_the_same_to_the_bit_in_any_batch(
    weights: tuple[Tensor, Tensor], precision: Precision
) -> None:
    linear = make_linear(*weights, precision, CPU)
    least = smallest_stable_row_count([linear])
    assert least is not None
    rows = rows_of(linear.in_features)
    together = linear(rows)
    for count in (1, 2, 3, 7, 16):
        for start in range(0, len(rows) - count, 5):
            part = slice(start, start + count)
            assert torch.equal(linear(padded(rows[part], least))[:count], together[part])


@pytest.mark.parametrize("precision", ON_CPU)
def test_a_row_of_zeros_gives_the_bias(
    weights: tuple[Tensor, Tensor], precision: Precision
) -> None:
    product = make_linear(*weights, precision, CPU)(torch.zeros(2, weights[0].shape[1]))
    torch.testing.assert_close(product[0].float(), weights[1], atol=0.02, rtol=0.01)


def test_coarser_weights_take_less_memory(weights: tuple[Tensor, Tensor]) -> None:
    full, half, quarter = (
        make_linear(*weights, precision, CPU).memory_bytes for precision in ON_CPU
    )
    assert full > 1.9 * half > 3 * quarter


class Fickle:
    """A matrix product whose rows depend on how many there are."""

    in_features = 8
    memory_bytes = 0

    def __call__(self, rows: Tensor) -> Tensor:
        return rows * (1 if len(rows) >= 3 else 2)


def test_the_stable_row_count_is_found_by_trying() -> None:
    assert smallest_stable_row_count([Fickle()]) == 4
    assert smallest_stable_row_count([Fickle()], candidates=(1, 2)) is None


@pytest.mark.parametrize(
    ("precision", "device"), [(Precision.FP16, "cpu"), (Precision.INT8, "cuda")]
)
def test_a_precision_the_device_cannot_compute_in_is_refused(
    precision: Precision, device: str
) -> None:
    with pytest.raises(InvalidInputError, match="choose one of"):
        precision.check(torch.device(device))
