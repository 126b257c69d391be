"""Model files are found inside packages, and only the tested ones are used."""

import sys
from pathlib import Path

import pytest

from services.speech.models import ModelMissingError, model_file, model_sha256


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package on the path whose import would fail, with one model file."""
    folder = tmp_path / "a_package_with_a_model"
    (folder / "data").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('imported')")
    (folder / "data" / "weights.bin").write_bytes(b"weights")
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder.name


def test_a_model_file_is_found_without_importing_its_package(package: str) -> None:
    path = model_file(package, "data/weights.bin", "")
    assert path.read_bytes() == b"weights"
    assert package not in sys.modules


def test_a_model_file_with_the_expected_hash_is_accepted(package: str) -> None:
    known = model_sha256(model_file(package, "data/weights.bin", ""))
    assert model_file(package, "data/weights.bin", known[:8]).name == "weights.bin"


def test_a_model_file_that_is_not_the_tested_one_is_refused(package: str) -> None:
    with pytest.raises(ModelMissingError, match="not the file that was tested"):
        model_file(package, "data/weights.bin", "00000000")


def test_a_changed_model_file_is_noticed(package: str) -> None:
    path = model_file(package, "data/weights.bin", "")
    known = model_sha256(path)
    path.write_bytes(b"other weights")
    assert model_sha256(path) != known


def test_a_missing_package_is_named_with_what_to_do() -> None:
    with pytest.raises(ModelMissingError, match=r"'no_such_package'.*make setup"):
        model_file("no_such_package", "model.onnx", "")


def test_a_package_without_the_file_is_named(package: str) -> None:
    with pytest.raises(ModelMissingError, match=r"has no 'data/other.bin'"):
        model_file(package, "data/other.bin", "")
