"""What may be chosen, and what it comes to on a CPU."""

import pytest
import torch

from services.chassis.errors import InvalidInputError
from services.inference.engines.xtts.gpt.precision import Precision
from services.inference.engines.xtts.options import XttsOptions


def test_a_cpu_computes_in_single_precision_unless_told_otherwise() -> None:
    chosen = XttsOptions(device="cpu").resolved()

    assert chosen.precision is Precision.FP32
    assert chosen.vocoder_dtype is torch.float32
    assert chosen.slot_count == 4


@pytest.mark.parametrize("precision", ["bf16", "int8"])
def test_coarser_precisions_have_a_vocoder_in_bfloat16_there(precision: str) -> None:
    chosen = XttsOptions(device="cpu", precision=precision, slot_count=7).resolved()

    assert chosen.precision is Precision(precision)
    assert chosen.vocoder_dtype is torch.bfloat16
    assert chosen.slot_count == 7


@pytest.mark.parametrize("options", [{"precision": "fp16"}, {"device": "cuda"}])
def test_what_is_not_there_is_refused(options: dict[str, str]) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")

    with pytest.raises(InvalidInputError):
        XttsOptions(**{"device": "cpu", **options}).resolved()  # type: ignore[arg-type]
