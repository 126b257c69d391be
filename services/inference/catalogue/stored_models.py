"""Models in the artifact store, where training puts them: models/<name>/<version>/<file>."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog

from services.chassis.artifacts import ArtifactStore, ObjectInfo, checked_key
from services.chassis.errors import InvalidInputError, NotFoundError
from services.inference.catalogue.description import ModelDescription
from services.inference.catalogue.model_folder import CONFIG, described, parsed
from services.inference.catalogue.source import Factories
from services.inference.catalogue.speakers import speaker_files, speaker_names
from services.inference.engines.engine import Engine

PREFIX = "models/"

_Told = tuple[Mapping[str, Any], Sequence[ObjectInfo]]

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
        self._speakers: dict[str, tuple[_Told, tuple[str, ...]]] = {}
        """By the prefix of the version; what they were read from tells when to read them anew."""

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
        keys = [found.key async for found in self._artifacts.list(prefix)]
        files = [key for key in keys if "/" not in key.removeprefix(prefix)]
        async with self._folder(model.name, files) as folder:
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
            config = parsed(await self._artifacts.read(f"{PREFIX}{name}/{version}/{CONFIG}"), name)
            model = described(name, version, config)
            return replace(model, speakers=await self._speakers_of(model, config))
        except NotFoundError as error:
            message = f"The version {version!r} of the model {name!r} was deleted just now."
            raise NotFoundError(message, reason="MODEL_NOT_FOUND", field="model") from error

    async def _speakers_of(
        self, model: ModelDescription, config: Mapping[str, Any]
    ) -> tuple[str, ...]:
        """Returns whom a model brings along; its files are fetched when they are new only."""
        prefix = f"{PREFIX}{model.name}/{model.version}/"
        names = await asyncio.to_thread(speaker_files, model.kind, config)
        found = [await self._artifacts.stat(prefix + name) for name in names]
        told = config, [info for info in found if info]
        known = self._speakers.get(prefix)
        if known and known[0] == told:
            return known[1]
        async with self._folder(model.name, [info.key for info in told[1]]) as folder:
            speakers = await asyncio.to_thread(speaker_names, model.kind, config, folder)
        self._speakers[prefix] = told, speakers
        return speakers

    @asynccontextmanager
    async def _folder(self, name: str, keys: Iterable[str]) -> AsyncIterator[Path]:
        """Gives a folder of this name with these files in it."""
        async with AsyncExitStack() as opened:
            scratch = await asyncio.to_thread(opened.enter_context, TemporaryDirectory())
            folder = Path(scratch, name)
            await asyncio.to_thread(folder.mkdir)
            for key in keys:
                path = await opened.enter_async_context(self._artifacts.opened(key))
                (folder / key.rpartition("/")[2]).symlink_to(path.absolute())
            yield folder


def _can_be_stored(name: str) -> bool:
    try:
        checked_key(f"{PREFIX}{name}")
    except InvalidInputError:
        return False
    return "/" not in name
