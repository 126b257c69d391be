import pytest
import torch

from services.chassis.errors import InvalidInputError
from services.inference.engine_factories import uses_gpu
from services.inference.settings import InferenceSettings


def with_device(device: str) -> InferenceSettings:
    return InferenceSettings.model_validate({"store_url": "file:///nowhere", "device": device})


def test_the_device_of_the_settings_is_taken_and_auto_takes_what_is_there() -> None:
    assert not uses_gpu(with_device("cpu"))
    assert uses_gpu(with_device("auto")) == torch.cuda.is_available()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_gpu_that_is_asked_for_and_not_there_is_told_in_one_line() -> None:
    with pytest.raises(InvalidInputError, match="set the device to cpu") as refused:
        uses_gpu(with_device("cuda"))

    assert refused.value.reason == "NO_SUCH_DEVICE"
