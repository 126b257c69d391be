"""Reads checkpoints of torch, without executing what may be pickled in them."""

import pickle
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn

from services.chassis.errors import InvalidInputError, ServiceError
from services.inference.engines.memory_shortage import is_memory_shortage

_allowing = threading.Lock()
"""What torch may ignore is set for the whole process: one file is read at a time."""


class Ignored:
    """Stands for an object in a checkpoint that is no weight, such as the config of a training."""

    def __new__(cls, *_arguments: object) -> Self:
        """Forgets what the object was made of."""
        return super().__new__(cls)

    def __setstate__(self, state: object) -> None:
        """Forgets what the object held."""


def read_checkpoint(path: Path, *, ignored_classes: Iterable[str] = ()) -> Mapping[str, object]:
    """Returns what `torch.save` wrote to `path`: a dict, of weights and other plain values.

    The weights are mapped from the file, not copied: they take no memory until they are used, and
    the process dies if it uses one after the file was cut short. Instances of the classes named
    become `Ignored`.

    Raises InvalidInputError with the reason MODEL_INCOMPLETE for a file that is not there, and
    CORRUPT_CHECKPOINT for one that is broken, or holds anything but weights and plain values.
    """
    content = _read(path, ignored_classes)
    if not isinstance(content, dict):
        raise corrupt(path, "it holds no weights by name")
    return content


def read_weight(path: Path) -> Tensor:
    """Returns the one weight that `torch.save` wrote to `path`; see `read_checkpoint`."""
    content = _read(path)
    if not isinstance(content, Tensor):
        raise corrupt(path, "it is not a single weight")
    return content


def _read(path: Path, ignored_classes: Iterable[str] = ()) -> object:
    if not path.is_file():
        raise incomplete(path)
    allowed: list[Callable[..., object] | tuple[Callable[..., object], str]]
    allowed = [(Ignored, name) for name in ignored_classes]
    with refusing(path), _allowing, torch.serialization.safe_globals(allowed):
        content: object = torch.load(
            path, map_location="cpu", weights_only=True, mmap=_is_archive(path)
        )
    return content


def _is_archive(path: Path) -> bool:
    """Tells whether torch can map the file; refuses one that would grow when it is read."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
            raise corrupt(path, "it is compressed, which torch never does")
    return True


def weights_in(content: object, path: Path) -> dict[str, Tensor]:
    """Returns `content`, found in the file at `path`, if it is weights by name.

    Raises InvalidInputError with the reason CORRUPT_CHECKPOINT.
    """
    if not isinstance(content, dict):
        raise corrupt(path, "it holds no weights by name")
    for name, value in content.items():
        if not (isinstance(name, str) and isinstance(value, Tensor)):
            raise corrupt(path, f"{name!r} in it is no weight")
    return content


def load_weights(
    module: nn.Module,
    weights: Mapping[str, Tensor],
    path: Path,
    *,
    stays_mapped: Callable[[str], bool] = lambda _: False,
) -> None:
    """Makes `weights`, found in the file at `path`, those of `module`, as float32.

    They are copied into memory, but for those whose names `stays_mapped`: they are to be copied in
    another form by whoever called, and until then the file must not be overwritten in place.

    Raises InvalidInputError with the reason CORRUPT_CHECKPOINT when names or shapes differ.
    """
    own = {
        name: weight.to(
            torch.float32 if weight.is_floating_point() else weight.dtype,
            copy=not stays_mapped(name),
        )
        for name, weight in weights.items()
    }
    try:
        module.load_state_dict(own, strict=True, assign=True)
    except RuntimeError as error:
        raise corrupt(path, "its weights do not fit the config.json beside it") from error
    module.requires_grad_(requires_grad=False)


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turns whatever a broken file makes a reader raise into a CORRUPT_CHECKPOINT."""
    try:
        yield
    except ServiceError:
        raise
    except pickle.UnpicklingError as error:
        raise corrupt(path, "it holds more than weights, maybe code, which is not run") from error
    except Exception as error:
        if is_memory_shortage(error):
            raise
        raise corrupt(path, "it is damaged, cut short, or of another format") from error


def corrupt(path: Path, problem: str) -> InvalidInputError:
    """Returns the refusal of a file that is there but cannot be used."""
    return InvalidInputError(
        f"{path.name!r} of the model {path.parent.name!r} cannot be loaded: {problem}. Put the "
        "original file there again.",
        reason="CORRUPT_CHECKPOINT",
        field="model",
    )


def incomplete(path: Path) -> InvalidInputError:
    """Returns the refusal of a model that lacks a file."""
    return InvalidInputError(
        f"The model {path.parent.name!r} has no {path.name!r}: put the file into its folder.",
        reason="MODEL_INCOMPLETE",
        field="model",
    )
