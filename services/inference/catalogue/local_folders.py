"""Models in folders of this machine."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import structlog

from services.chassis.errors import InvalidInputError
from services.inference.catalogue.description import ModelDescription
from services.inference.catalogue.model_folder import CONFIG, read_folder
from services.inference.catalogue.source import Factories
from services.inference.engines.engine import Engine

log = structlog.get_logger()


class LocalFolders:
    """Each folder in a folder is a model if it holds a config.json; the folder's name is its name.

    To replace a model, put the new folder in the place of the old one by renaming: weights are
    mapped from the files while they are loaded.
    """

    def __init__(self, models_dir: Path, factories: Factories) -> None:
        """Looks into `models_dir` anew each time; it need not exist."""
        self._models_dir = models_dir.expanduser()
        self._factories = factories
        self._known: dict[str, ModelDescription] = {}

    async def list(self) -> Sequence[ModelDescription]:
        """See ModelSource."""
        return await asyncio.to_thread(self._readable)

    async def find(self, name: str) -> Sequence[ModelDescription]:
        """See ModelSource."""
        return await asyncio.to_thread(self._named, name)

    async def load(self, model: ModelDescription) -> Engine:
        """See ModelSource."""
        factory = self._factories[model.kind]
        return await asyncio.to_thread(factory, self._models_dir / model.name)

    def _folders(self) -> dict[str, Path]:
        if not self._models_dir.is_dir():
            return {}
        return {
            path.name: path
            for path in sorted(self._models_dir.iterdir())
            if not path.name.startswith(".") and (path / CONFIG).is_file()
        }

    def _named(self, name: str) -> Sequence[ModelDescription]:
        folder = self._folders().get(name)
        return [self._read(folder)] if folder else []

    def _readable(self) -> Sequence[ModelDescription]:
        models = []
        for name, folder in self._folders().items():
            try:
                models.append(self._read(folder))
            except InvalidInputError as error:
                log.warning("model.unreadable", model=name, reason=error.reason)
        return models

    def _read(self, folder: Path) -> ModelDescription:
        found = self._known[folder.name] = read_folder(folder, self._known.get(folder.name))
        return found
