"""Models that load at once, or as slowly and badly as a test wants."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from services.chassis.errors import NotFoundError
from services.inference.engines.engine import EngineKind
from tests.fakes.fake_engine import RATE, FakeEngine


@dataclass(frozen=True)
class FakeDescription:
    """What is known of a model."""

    name: str
    version: str = "1"
    kind: EngineKind = EngineKind.VITS
    language_codes: frozenset[str] = frozenset({"en"})
    can_clone: bool = False
    sample_rate_hertz: int = RATE
    licence_uri: str = ""


class FakeModels:
    """A shelf of models; each load makes a new engine."""

    def __init__(
        self,
        *descriptions: FakeDescription,
        make: Callable[[FakeDescription], FakeEngine] = lambda _: FakeEngine(),
    ) -> None:
        self.descriptions = list(descriptions)
        self.make = make
        self.engines: list[FakeEngine] = []
        self.load_count = 0
        self.accepted: list[str] = []
        self.going = asyncio.Event()
        self.going.set()

    async def list(self) -> list[FakeDescription]:
        return sorted(self.descriptions, key=lambda each: (each.name, each.version))

    async def find(self, name: str, version: str = "") -> FakeDescription:
        found = [d for d in await self.list() if d.name == name and version in {"", d.version}]
        if not found:
            message = f"There is no model {name!r}."
            raise NotFoundError(message, reason="MODEL_NOT_FOUND", field="name")
        return found[-1]

    async def accept_licence(self, name: str) -> None:
        await self.find(name)
        self.accepted.append(name)

    async def load(self, name: str, version: str) -> FakeEngine:
        self.load_count += 1
        await self.going.wait()
        engine = self.make(await self.find(name, version))
        self.engines.append(engine)
        return engine
