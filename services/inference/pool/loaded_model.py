"""A model in memory, and where models come from."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from services.inference.catalogue.description import ModelDescription
from services.inference.engines.engine import Engine
from services.inference.metrics import REPLACED
from services.inference.pool.admission import Admission


class Models(Protocol):
    """The models that there are, in memory or not."""

    async def list(self) -> Sequence[ModelDescription]:
        """Returns all, ordered by name and version."""

    async def find(self, name: str, version: str = "") -> ModelDescription:
        """Returns a model, the newest version when empty. Raises NotFoundError."""

    async def accept_licence(self, name: str) -> None:
        """Records that a model's licence was accepted. Raises NotFoundError."""

    async def require_licence(self, model: ModelDescription) -> None:
        """Raises ConflictError, with what to do, while the model's licence is not accepted."""

    async def load(self, name: str, version: str) -> Engine:
        """Brings it into memory.

        Raises NotFoundError, ConflictError without an accepted licence, InvalidInputError for a
        broken checkpoint, and MemoryError or OverloadedError without room for it.
        """


@dataclass(eq=False)
class LoadedModel:
    """A model in memory, shared by those who hold a lease of it."""

    description: ModelDescription
    engine: Engine
    admission: Admission
    last_used: float
    """On the pool's clock."""
    last_used_time: datetime | None = None
    """When it last spoke."""
    lease_count: int = 0
    leaves_for: str = ""
    """Why it takes no new streams and is closed after the last one; empty while it stays."""
    is_closing: bool = False
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def key(self) -> tuple[str, str]:
        """Its name and version."""
        return self.description.name, self.description.version

    @property
    def is_idle(self) -> bool:
        """Whether nobody speaks with it."""
        return self.lease_count == 0

    @property
    def takes_streams(self) -> bool:
        """Whether it can be lent; one that was replaced can, to those who ask for its version."""
        return not self.is_closing and self.leaves_for in {"", REPLACED}
