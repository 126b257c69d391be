"""Where models compute."""

import torch

from services.chassis.errors import InvalidInputError


def device_named(name: str) -> torch.device:
    """Returns the device called auto, cpu, cuda or cuda:<number>; auto is a GPU if there is one.

    Raises InvalidInputError with the reason NO_SUCH_DEVICE for a GPU that is not here.
    """
    gpu_count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    device = torch.device(("cuda" if gpu_count else "cpu") if name == "auto" else name)
    if device.type == "cuda" and (device.index or 0) >= gpu_count:
        raise InvalidInputError(
            f"There is no device {name!r} here: set the device to cpu, or to auto.",
            reason="NO_SUCH_DEVICE",
            field="device",
        )
    return device
