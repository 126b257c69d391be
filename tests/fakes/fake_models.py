"""Models that load at once, or as slowly and badly as a test wants."""

import asyncio
from collections.abc import Callable

from services.chassis.errors import ConflictError, NotFoundError
from services.inference.catalogue.description import ModelDescription
from services.inference.engines.engine import EngineKind
from tests.fakes.fake_engine import RATE, FakeEngine


def described(
    name: str,
    version: str = "1",
    *,
    can_clone: bool = False,
    kind: EngineKind = EngineKind.VITS,
    licence_uri: str = "",
) -> ModelDescription:
    """Returns a model that hums."""
    return ModelDescription(
        name, version, kind, frozenset({"en"}), can_clone, RATE, licence_uri=licence_uri
    )


class FakeModels:
    """A shelf of models; each load makes a new engine."""

    def __init__(
        self,
        *descriptions: ModelDescription,
        make: Callable[[ModelDescription], FakeEngine] = lambda _: FakeEngine(),
    ) -> None:
        self.descriptions = list(descriptions)
        self.make = make
        self.engines: list[FakeEngine] = []
        self.load_count = 0
        self.accepted: list[str] = []
        """Names of models whose licence was accepted."""
        self.going = asyncio.Event()
        self.going.set()

    async def list(self) -> list[ModelDescription]:
        return sorted(self.descriptions, key=lambda each: (each.name, each.version))

    async def find(self, name: str, version: str = "") -> ModelDescription:
        found = [d for d in await self.list() if d.name == name and version in {"", d.version}]
        if not found:
            message = f"There is no model {name!r}."
            raise NotFoundError(message, reason="MODEL_NOT_FOUND", field="name")
        return found[-1]

    async def accept_licence(self, name: str) -> None:
        await self.find(name)
        self.accepted.append(name)

    async def require_licence(self, model: ModelDescription) -> None:
        if model.licence_uri and model.name not in self.accepted:
            message = f"The licence of {model.name!r} is not accepted."
            raise ConflictError(message, reason="LICENCE_NOT_ACCEPTED", field="accept_licence")

    async def load(self, name: str, version: str) -> FakeEngine:
        self.load_count += 1
        await self.going.wait()
        engine = self.make(await self.find(name, version))
        self.engines.append(engine)
        return engine
