"""Where loaded models stand until they are closed, and which of them makes room first."""

import asyncio

import structlog

from services.inference import metrics
from services.inference.engines.engine import EngineKind
from services.inference.pool.loaded_model import LoadedModel

log = structlog.get_logger()


class Shelf:
    """The models in memory, with those that are on their way out."""

    def __init__(self) -> None:
        """Starts empty."""
        self._models: list[LoadedModel] = []
        self._closings: set[asyncio.Task[None]] = set()

    @property
    def models(self) -> list[LoadedModel]:
        """All, ordered by name and version."""
        return sorted(self._models, key=lambda model: model.key)

    @property
    def used_bytes(self) -> int:
        """What all take."""
        return sum(model.engine.memory_bytes for model in self._models)

    @property
    def lent_bytes(self) -> int:
        """What those take that somebody uses."""
        return sum(model.engine.memory_bytes for model in self._models if not model.is_idle)

    def get(self, key: tuple[str, str]) -> LoadedModel | None:
        """Returns the model of this name and version that still takes streams.

        One that was replaced takes those that ask for its version.
        """
        return next((m for m in self._models if m.key == key and m.takes_streams), None)

    def add(self, model: LoadedModel) -> None:
        """Takes a model that was loaded."""
        self._models.append(model)
        self._measure()

    def retire(self, model: LoadedModel, cause: str) -> None:
        """Has a model take no more streams, and closes it when it has none."""
        model.leaves_for = cause
        if model.is_idle:
            self.close(model)

    def close(self, model: LoadedModel) -> None:
        """Closes a model; `model.closed` tells when its memory is free."""
        if not model.is_closing:
            model.is_closing = True
            closing = asyncio.create_task(self._close(model))
            self._closings.add(closing)
            closing.add_done_callback(self._closings.discard)

    async def free_one(self) -> bool:
        """Closes the idle model that nobody used for longest; False when all are used."""
        if not self._closings:
            idle = [model for model in self._models if model.is_idle]
            if not idle:
                return False
            self.retire(min(idle, key=lambda model: model.last_used), metrics.ROOM)
        await self.emptied()
        return True

    async def emptied(self) -> None:
        """Returns when all that is being closed is closed."""
        while self._closings:
            await asyncio.wait(self._closings)

    async def _close(self, model: LoadedModel) -> None:
        name, version = model.key
        try:
            await model.engine.aclose()
        except Exception:
            log.exception("model.not_closed", model=name, version=version)
        self._models.remove(model)
        metrics.MODEL_UNLOADS.labels(model.leaves_for).inc()
        self._measure()
        model.closed.set()
        log.info("model.unloaded", model=name, version=version, cause=model.leaves_for)

    def _measure(self) -> None:
        """Tells Prometheus; a model that is gone has no series, rather than one of zero bytes."""
        metrics.MODEL_MEMORY_BYTES.clear()
        for model in self._models:
            metrics.MODEL_MEMORY_BYTES.labels(*model.key).set(model.engine.memory_bytes)
        for kind in EngineKind:
            engines = [model.engine for model in self._models if model.engine.kind is kind]
            metrics.LOADED_MODELS.labels(kind.value).set(len(engines))
            metrics.SLOTS.labels(kind.value).set(sum(engine.slot_count for engine in engines))
