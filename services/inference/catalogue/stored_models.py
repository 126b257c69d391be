"""Models in the artifact store, where training puts them: models/<name>/<version>/<file>."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from services.chassis.artifacts import ArtifactStore, checked_key
from services.chassis.errors import InvalidInputError, NotFoundError
from services.inference.catalogue.description import ModelDescription
from services.inference.catalogue.model_folder import CONFIG, described
from services.inference.catalogue.source import Factories
from services.inference.engines.engine import Engine

PREFIX = "models/"

log = structlog.get_logger()


class StoredModels:
    """Versions that were stored whole: config.json is to be written last.

    The newest version is the one whose config.json was written last. A version with a broken one
    stands in nobody's way.
    """

    def __init__(self, artifacts: ArtifactStore, factories: Factories) -> None:
        """Looks into the store anew each time."""
        self._artifacts = artifacts
        self._factories = factories

    async def list(self) -> Sequence[ModelDescription]:
        """See ModelSource."""
        return await self._readable(await self._versions(PREFIX))

    async def find(self, name: str) -> Sequence[ModelDescription]:
        """See ModelSource."""
        if not _can_be_stored(name):
            return []
        versions = await self._versions(f"{PREFIX}{name}/")
        models = await self._readable(versions)
        if versions and not models:
            await self._described(*versions[-1])  # raises what is wrong with it
        return models

    async def load(self, model: ModelDescription) -> Engine:
        """See ModelSource. Files that an S3 store keeps are fetched into the scratch folder."""
        prefix = f"{PREFIX}{model.name}/{model.version}/"
        async with AsyncExitStack() as opened:
            scratch = await asyncio.to_thread(opened.enter_context, TemporaryDirectory())
            folder = Path(scratch, model.name)
            await asyncio.to_thread(folder.mkdir)
            async for found in self._artifacts.list(prefix):
                name = found.key.removeprefix(prefix)
                if "/" not in name:
                    path = await opened.enter_async_context(self._artifacts.opened(found.key))
                    (folder / name).symlink_to(path.absolute())
            # What is mapped from a file stays readable when its name goes.
            return await asyncio.to_thread(self._factories[model.kind], folder)

    async def _versions(self, prefix: str) -> Sequence[tuple[str, str]]:
        """Returns (name, version) of those that are there whole, the older ones first."""
        found = []
        async for info in self._artifacts.list(prefix):
            match info.key.removeprefix(PREFIX).split("/"):
                case [name, version, file] if file == CONFIG:
                    found.append((info.modified_time, name, version))
        return [(name, version) for _, name, version in sorted(found)]

    async def _readable(self, versions: Sequence[tuple[str, str]]) -> Sequence[ModelDescription]:
        models = []
        for name, version in versions:
            try:
                models.append(await self._described(name, version))
            except (InvalidInputError, NotFoundError) as error:
                log.warning("model.unreadable", model=name, version=version, reason=error.reason)
        return models

    async def _described(self, name: str, version: str) -> ModelDescription:
        try:
            config = await self._artifacts.read(f"{PREFIX}{name}/{version}/{CONFIG}")
        except NotFoundError as error:
            message = f"The version {version!r} of the model {name!r} was deleted just now."
            raise NotFoundError(message, reason="MODEL_NOT_FOUND", field="model") from error
        return described(name, version, config)


def _can_be_stored(name: str) -> bool:
    try:
        checked_key(f"{PREFIX}{name}")
    except InvalidInputError:
        return False
    return "/" not in name
