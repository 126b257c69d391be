"""How a model is found."""

import hashlib
from pathlib import Path

import pytest

from services.chassis.errors import ConflictError
from services.transcription.model_catalogue import NEEDED_FILES, ModelCatalogue


@pytest.fixture
def catalogue(tmp_path: Path) -> ModelCatalogue:
    return ModelCatalogue(tmp_path / "models", allow_downloads=False)


def model_folder(path: Path) -> Path:
    path.mkdir()
    for name in NEEDED_FILES:
        (path / name).write_bytes(name.encode())
    return path


def test_a_folder_is_a_model(catalogue: ModelCatalogue, tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "mine")
    found = catalogue.find(str(folder))
    assert found.path == folder
    assert found.sha256 == hashlib.sha256(b"model.bin").hexdigest()


def test_a_folder_without_a_tokenizer_is_refused_instead_of_asking_the_hub(
    catalogue: ModelCatalogue, tmp_path: Path
) -> None:
    folder = model_folder(tmp_path / "mine")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ConflictError, match=r"lacks tokenizer\.json"):
        catalogue.find(str(folder))


@pytest.mark.parametrize("name", ["large-v3", "no such model", "/nowhere/at/all", "../models"])
def test_a_missing_model_is_a_conflict_that_says_what_to_do(
    catalogue: ModelCatalogue, name: str
) -> None:
    with pytest.raises(ConflictError, match="model") as caught:
        catalogue.find(name)
    assert caught.value.reason == "MODEL_NOT_INSTALLED"
    assert caught.value.field == "model"
