"""All models there are, wherever they come from."""

import asyncio
from collections.abc import Sequence

from services.chassis.errors import NotFoundError
from services.inference.catalogue.description import ModelDescription
from services.inference.catalogue.licences import Licences
from services.inference.catalogue.source import ModelSource
from services.inference.engines.engine import Engine


class Catalogue:
    """Finds models by name and version, and brings them into memory."""

    def __init__(self, sources: Sequence[ModelSource], licences: Licences) -> None:
        """A name that several sources know belongs to the first of them."""
        self._sources = sources
        self._licences = licences

    async def list(self) -> Sequence[ModelDescription]:
        """Returns all models, ordered by name and version."""
        models: dict[str, Sequence[ModelDescription]] = {}
        for found in await asyncio.gather(*(source.list() for source in self._sources)):
            names = {model.name for model in found} - models.keys()
            models |= {name: [m for m in found if m.name == name] for name in names}
        every = (model for versions in models.values() for model in versions)
        return sorted(every, key=lambda model: (model.name, model.version))

    async def find(self, name: str, version: str = "") -> ModelDescription:
        """Returns a model, the newest version when empty.

        Raises NotFoundError, and InvalidInputError for one that is there but broken.
        """
        return (await self._found(name, version))[1]

    async def accept_licence(self, name: str) -> None:
        """Records that the licence of a model was accepted. Raises NotFoundError."""
        await self._licences.accept(await self.find(name))

    async def require_licence(self, model: ModelDescription) -> None:
        """Raises ConflictError, with what to do, while the model's licence is not accepted."""
        await self._licences.require(model)

    async def load(self, name: str, version: str) -> Engine:
        """Brings a model into memory, the newest version when empty.

        Raises NotFoundError, ConflictError without an accepted licence or when the model may not
        be had, InvalidInputError for a broken checkpoint, and MemoryError without room for it.
        """
        source, model = await self._found(name, version)
        await self._licences.require(model)
        return await source.load(model)

    async def _found(self, name: str, version: str) -> tuple[ModelSource, ModelDescription]:
        for source in self._sources:
            versions = await source.find(name)
            if not versions:
                continue
            for model in reversed(versions):
                if version in {"", model.version}:
                    return source, model
            known = ", ".join(model.version for model in versions)
            message = f"The model {name!r} has no version {version!r}, only: {known}."
            raise NotFoundError(message, reason="MODEL_NOT_FOUND", field="version")
        names = ", ".join(sorted({model.name for model in await self.list()}))
        message = f"There is no model {name!r}; there are: {names}."
        raise NotFoundError(message, reason="MODEL_NOT_FOUND", field="model")
