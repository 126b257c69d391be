"""Where models come from, as the catalogue sees it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from services.inference.catalogue.description import ModelDescription
from services.inference.engines.engine import Engine, EngineKind

Factories = Mapping[EngineKind, Callable[[Path], Engine]]
"""Family -> what makes an engine of a model's folder. Blocks; may raise InvalidInputError."""


class ModelSource(Protocol):
    """A place where models are kept."""

    async def list(self) -> Sequence[ModelDescription]:
        """Returns the models that can be told what they are, of each the older versions first."""

    async def find(self, name: str) -> Sequence[ModelDescription]:
        """Returns the versions of one model, the older ones first.

        Raises InvalidInputError for one that is there but broken.
        """

    async def load(self, model: ModelDescription) -> Engine:
        """Brings a model of this source into memory.

        Raises InvalidInputError for a broken one, and ConflictError for one that may not be had.
        """
