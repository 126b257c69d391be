"""Models that come inside Python packages, so that there is one to speak with at once."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from services.chassis.errors import ConflictError
from services.inference.catalogue.description import ModelDescription
from services.inference.engines.engine import Engine
from services.speech.models import ModelMissingError


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """A model, the package that brings it, and what makes an engine of it."""

    description: ModelDescription
    package: str
    load: Callable[[], Engine]
    """Blocks; may raise ModelMissingError."""

    @property
    def is_installed(self) -> bool:
        """Whether the package is there; what is in it, loading finds out."""
        return find_spec(self.package) is not None


class PackagedModels:
    """The packaged models that are installed."""

    def __init__(self, models: Sequence[PackagedModel]) -> None:
        """Knows `models`, installed or not."""
        self._models = {model.description.name: model for model in models}

    async def list(self) -> Sequence[ModelDescription]:
        """See ModelSource."""
        return [model.description for model in self._models.values() if model.is_installed]

    async def find(self, name: str) -> Sequence[ModelDescription]:
        """See ModelSource."""
        model = self._models.get(name)
        return [model.description] if model else []

    async def load(self, model: ModelDescription) -> Engine:
        """See ModelSource."""
        try:
            return await asyncio.to_thread(self._models[model.name].load)
        except ModelMissingError as error:
            raise ConflictError(str(error), reason="MODEL_NOT_INSTALLED", field="model") from error
