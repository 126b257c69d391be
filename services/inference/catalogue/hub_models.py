"""Models of the Hugging Face hub that are known by name: fetched when asked for and allowed."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import structlog

from services.chassis.errors import ConflictError, InvalidInputError
from services.inference.catalogue.description import ModelDescription
from services.inference.catalogue.source import Factories
from services.inference.catalogue.speakers import XTTS_SPEAKERS, speaker_files, speaker_names
from services.inference.engines.engine import Engine, EngineKind
from services.inference.engines.xtts.loading.languages import spoken_languages

_REVISION = "main"
_XTTS_LANGUAGES = "en es fr de it pt pl tr ru nl cs ar zh-cn hu ko ja hi"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class HubModel:
    """A model on the hub: which files of which repository make its folder."""

    description: ModelDescription
    repository: str
    files: Mapping[str, str]
    """Name in the folder -> path in the repository."""
    config: Mapping[str, object] = field(default_factory=dict)
    """What config.json says, where the repository has none."""


HUB_MODELS = (
    HubModel(
        ModelDescription(
            name="xtts_v2",
            version=_REVISION,
            kind=EngineKind.XTTS,
            language_codes=spoken_languages(_XTTS_LANGUAGES.split()),
            can_clone=True,
            sample_rate_hertz=24_000,
            licence_uri="https://huggingface.co/coqui/XTTS-v2/blob/main/LICENSE.txt",
        ),
        repository="coqui/XTTS-v2",
        files={name: name for name in ("config.json", "model.pth", "vocab.json", XTTS_SPEAKERS)},
    ),
    HubModel(
        ModelDescription(
            name="tortoise",
            version=_REVISION,
            kind=EngineKind.TORTOISE,
            language_codes=frozenset({"en"}),
            can_clone=True,
            sample_rate_hertz=24_000,
            licence_uri="https://www.apache.org/licenses/LICENSE-2.0",
        ),
        repository="jbetker/tortoise-tts-v2",
        files={
            "autoregressive.pth": ".models/autoregressive.pth",
            "diffusion_decoder.pth": ".models/diffusion_decoder.pth",
            "clvp2.pth": ".models/clvp2.pth",
            "vocoder.pth": ".models/vocoder.pth",
            "mel_norms.pth": "data/mel_norms.pth",
        },
        config={"model": EngineKind.TORTOISE.value},
    ),
)


class DownloadError(Exception):
    """The hub did not give a file."""


class Hub(Protocol):
    """The hub, and what was fetched from it before. Its methods block."""

    def cached(self, repository: str, revision: str, path: str) -> Path | None:
        """Returns where a file lies that was fetched before, or None."""

    def fetched(self, repository: str, revision: str, path: str) -> Path:
        """Fetches a file and returns where it lies; raises DownloadError."""


class HubModels:
    """The models of the hub, wherever they are now; who may use them, `Licences` knows."""

    def __init__(
        self,
        hub: Hub,
        factories: Factories,
        *,
        allow_downloads: bool,
        models: Sequence[HubModel] = HUB_MODELS,
    ) -> None:
        """Fetches what is absent only if `allow_downloads`."""
        self._hub = hub
        self._factories = factories
        self._allow_downloads = allow_downloads
        self._models = {model.description.name: model for model in models}

    async def list(self) -> Sequence[ModelDescription]:
        """See ModelSource. Leaves out what is neither here nor may be fetched."""
        return await asyncio.to_thread(self._readable)

    async def find(self, name: str) -> Sequence[ModelDescription]:
        """See ModelSource."""
        model = self._models.get(name)
        return [await asyncio.to_thread(self._described, model)] if model else []

    async def load(self, model: ModelDescription) -> Engine:
        """See ModelSource. Fetches gigabytes if need be."""
        return await asyncio.to_thread(self._loaded, self._models[model.name])

    def _readable(self) -> Sequence[ModelDescription]:
        models = []
        for name, model in self._models.items():
            if not (self._allow_downloads or self._is_here(model)):
                continue
            try:
                models.append(self._described(model))
            except InvalidInputError as error:
                log.warning("model.unreadable", model=name, reason=error.reason)
        return models

    def _described(self, model: HubModel) -> ModelDescription:
        """Returns a model with its speakers, who are known once it was fetched."""
        found = model.description
        files = speaker_files(found.kind, model.config)
        if not (files and self._is_here(model)):
            return found
        with self._folder(model, files) as folder:
            return replace(found, speakers=speaker_names(found.kind, model.config, folder))

    def _is_here(self, model: HubModel) -> bool:
        version = model.description.version
        return all(
            self._hub.cached(model.repository, version, path) for path in model.files.values()
        )

    def _loaded(self, model: HubModel) -> Engine:
        with self._folder(model, model.files) as folder:
            if model.config:
                (folder / "config.json").write_text(json.dumps(model.config))
            return self._factories[model.description.kind](folder)

    @contextmanager
    def _folder(self, model: HubModel, names: Iterable[str]) -> Iterator[Path]:
        """Gives a folder with these of the model's files in it."""
        with TemporaryDirectory() as scratch:
            folder = Path(scratch, model.description.name)
            folder.mkdir()
            for name in names:
                (folder / name).symlink_to(self._file(model, model.files[name]).absolute())
            yield folder

    def _file(self, model: HubModel, path: str) -> Path:
        name, version = model.description.name, model.description.version
        cached = self._hub.cached(model.repository, version, path)
        if cached:
            return cached
        if not self._allow_downloads:
            raise _not_installed(
                f"The model {name!r} is not installed here and may not be downloaded: put its "
                "folder into the models folder (TTSTRAINER_INFERENCE_MODELS_DIR), or allow "
                "downloads (TTSTRAINER_INFERENCE_ALLOW_DOWNLOADS=true, without HF_HUB_OFFLINE)."
            )
        try:
            return self._hub.fetched(model.repository, version, path)
        except DownloadError as error:
            raise _not_installed(
                f"The model {name!r} could not be downloaded from the Hugging Face hub "
                f"({model.repository}): check the connection and the free disk space, or put its "
                "folder into the models folder (TTSTRAINER_INFERENCE_MODELS_DIR)."
            ) from error


def _not_installed(message: str) -> ConflictError:
    return ConflictError(message, reason="MODEL_NOT_INSTALLED", field="model")
