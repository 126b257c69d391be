"""Finds a Whisper model by the name or path that was asked for."""

from dataclasses import dataclass
from pathlib import Path

from services.chassis.errors import ConflictError
from services.speech.models import model_sha256
from services.transcription import hub_models
from services.transcription.packaged_models import PACKAGED_MODELS, WEIGHTS

NEEDED_FILES = (WEIGHTS, "config.json", "tokenizer.json")
"""Without tokenizer.json faster-whisper would fetch one from the hub."""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model that is installed, in CTranslate2's format."""

    name: str
    """As it was asked for."""
    path: Path
    sha256: str
    """Of the weights."""


class ModelCatalogue:
    """The models of this machine: folders, packages, and the hub's cache. Its methods block."""

    def __init__(self, models_dir: Path, *, allow_downloads: bool) -> None:
        """Keeps joined models in `models_dir`; fetches absent ones only when allowed."""
        self._models_dir = models_dir.expanduser()
        self._allow_downloads = allow_downloads and not hub_models.downloads_are_switched_off()

    def find(self, name: str, *, installed_only: bool = False) -> ModelFolder:
        """Returns the model called `name`, or in the folder at that path.

        Downloads it unless that is not allowed here, or it is to be one that is installed.

        Raises ConflictError with the reason MODEL_NOT_INSTALLED and what to do.
        """
        path = self._folder(name, allow_download=self._allow_downloads and not installed_only)
        absent = [file for file in NEEDED_FILES if not (path / file).is_file()]
        if absent:
            raise _not_installed(f"The model {name!r} lacks {' and '.join(absent)}.")
        return ModelFolder(name, path, model_sha256(path / WEIGHTS))

    def installed(self) -> list[str]:
        """Returns the names of the models that need no download, in alphabetical order."""
        packaged = {name for name, model in PACKAGED_MODELS.items() if model.is_installed}
        cached = {name for name in hub_models.HUB_NAMES if _is_whole(name)}
        return sorted(packaged | cached)

    def _folder(self, name: str, *, allow_download: bool) -> Path:
        if Path(name).is_absolute():
            return self._given(Path(name))
        found = self._packaged(name) or hub_models.cached_folder(name)
        if found:
            return found
        if allow_download and (name in hub_models.HUB_NAMES or "/" in name):
            return self._downloaded(name)
        installed = ", ".join(self.installed()) or "none"
        raise _not_installed(
            f"The model {name!r} is not installed here (installed: {installed}), and it may not "
            "or cannot be downloaded: ask for an installed one, install its package, or allow "
            "downloads (TTSTRAINER_TRANSCRIPTION_ALLOW_DOWNLOADS=true, without HF_HUB_OFFLINE)."
        )

    def _given(self, path: Path) -> Path:
        if not path.is_dir():
            raise _not_installed(
                f"There is no model folder {str(path)!r} on the transcription service's machine: "
                "give the path of a Whisper model in CTranslate2's format, or a model's name."
            )
        return path

    def _packaged(self, name: str) -> Path | None:
        model = PACKAGED_MODELS.get(name)
        if model is None or not model.is_installed:
            return None
        return model.folder(name, self._models_dir)

    def _downloaded(self, name: str) -> Path:
        try:
            return hub_models.downloaded_folder(name)
        except hub_models.DownloadError as error:
            installed = ", ".join(self.installed()) or "none"
            raise _not_installed(
                f"The model {name!r} could not be downloaded from the Hugging Face hub: check the "
                f"name and the connection, or ask for an installed one ({installed})."
            ) from error


def _is_whole(name: str) -> bool:
    folder = hub_models.cached_folder(name)
    return folder is not None and all((folder / file).is_file() for file in NEEDED_FILES)


def _not_installed(message: str) -> ConflictError:
    return ConflictError(message, reason="MODEL_NOT_INSTALLED", field="model")
