"""The models in memory: loaded at first use, shared, replaced by newer ones, and unloaded."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog

from services.chassis.errors import NotFoundError, OverloadedError, ServiceError
from services.inference import metrics
from services.inference.catalogue.description import ModelDescription
from services.inference.pool.admission import Admission, Patience
from services.inference.pool.loaded_model import LoadedModel, Models
from services.inference.pool.shelf import Shelf

LOAD_ATTEMPTS = 2

log = structlog.get_logger()

Key = tuple[str, str]


class EnginePool:
    """Lends loaded models. Safe to use from one event loop.

    A lease keeps its model in memory. A newer version takes over for new leases; the older one
    leaves when its last lease ends.
    """

    def __init__(
        self,
        models: Models,
        *,
        budget_bytes: int,
        patience: Patience = Patience(),  # noqa: B008 - frozen
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Starts with nothing loaded; `budget_bytes` bound what all models take together."""
        self.budget_bytes = budget_bytes
        self._models = models
        self._patience = patience
        self._clock = clock
        self._shelf = Shelf()
        self._current: dict[str, str] = {}
        self._loads: dict[Key, asyncio.Task[LoadedModel]] = {}
        self._one_load = asyncio.Lock()
        self._known_bytes: dict[Key, int] = {}
        metrics.MEMORY_BUDGET_BYTES.set(budget_bytes)

    @property
    def loaded(self) -> list[LoadedModel]:
        """The models in memory, ordered by name and version."""
        return self._shelf.models

    @property
    def loading(self) -> frozenset[Key]:
        """Names and versions of models on their way into memory."""
        return frozenset(self._loads)

    @property
    def used_bytes(self) -> int:
        """What the models in memory take."""
        return self._shelf.used_bytes

    async def describe(self, name: str, version: str = "") -> ModelDescription:
        """Returns what `lease` would lend; loads nothing. Raises NotFoundError."""
        model = self._serving(name, version)
        return model.description if model else await self._models.find(name, version)

    @asynccontextmanager
    async def lease(self, name: str, version: str = "") -> AsyncIterator[LoadedModel]:
        """Lends a model, the newest version when empty; loads it when it is not there.

        Raises NotFoundError, ConflictError without an accepted licence, InvalidInputError for a
        broken checkpoint, and OverloadedError when there is no room for it.
        """
        while (model := self._serving(name, version)) is None:
            found = await self._models.find(name, version)
            await self._load_once(found)
            if not version:
                self._make_current(found)
        model.lease_count += 1
        model.last_used = self._clock()
        try:
            yield model
        finally:
            model.lease_count -= 1
            model.last_used = self._clock()
            model.last_used_time = datetime.now(UTC)
            if model.is_idle and model.leaves_for:
                self._shelf.close(model)

    async def load(self, name: str, version: str = "") -> LoadedModel:
        """Brings a model into memory; new leases without a version get it. Raises as `lease`."""
        found = await self._models.find(name, version)
        model = await self._load_once(found)
        self._make_current(found)
        return model

    async def unload(self, name: str, version: str = "") -> int:
        """Takes a model (all its versions when empty) out of memory when its streams have ended.

        Returns how many bytes became free. Raises NotFoundError when it is not loaded.
        """
        leaving = [m for m in self.loaded if m.key[0] == name and version in {"", m.key[1]}]
        if not leaving:
            message = f"The model {name!r} is not loaded: ListModels shows which are."
            raise NotFoundError(message, reason="MODEL_NOT_LOADED", field="name")
        freed_bytes = sum(model.engine.memory_bytes for model in leaving)
        for model in leaving:
            self._shelf.retire(model, metrics.ASKED)
        for model in leaving:
            await model.closed.wait()
        return freed_bytes

    def discard(self, model: LoadedModel) -> None:
        """Has a model whose engine died loaded anew for the next lease."""
        self._shelf.retire(model, metrics.BROKEN)

    def unload_idle(self, idle_seconds: float) -> None:
        """Unloads what nobody used for `idle_seconds`."""
        for model in self.loaded:
            if model.is_idle and self._clock() - model.last_used >= idle_seconds:
                self._shelf.retire(model, metrics.IDLE)

    async def take_newer_versions(self) -> None:
        """Loads the newest version of each model that is served without one being asked for.

        One that cannot be loaded is logged, and the older one goes on.
        """
        for name, version in list(self._current.items()):
            if not self._serving(name, version):
                continue
            try:
                if (await self._models.find(name)).version != version:
                    await self.load(name)
            except ServiceError as error:
                log.warning("model.not_replaced", model=name, reason=error.reason)
            except Exception:
                log.exception("model.not_replaced", model=name)

    async def aclose(self) -> None:
        """Closes every model; what still speaks fails with UnavailableError."""
        for task in self._loads.values():
            task.cancel()
        await asyncio.gather(*self._loads.values(), return_exceptions=True)
        for model in self.loaded:
            self._shelf.retire(model, metrics.ASKED)
            self._shelf.close(model)
        await self._shelf.emptied()

    def _serving(self, name: str, version: str) -> LoadedModel | None:
        return self._shelf.get((name, version or self._current.get(name, "")))

    def _make_current(self, found: ModelDescription) -> None:
        replaced = self._serving(found.name, "")
        self._current[found.name] = found.version
        if replaced and replaced.key[1] != found.version:
            self._shelf.retire(replaced, metrics.REPLACED)

    async def _load_once(self, found: ModelDescription) -> LoadedModel:
        """Loads a model, once for all who ask meanwhile; goes on when one of them gives up."""
        key = (found.name, found.version)
        task = self._loads.get(key)
        if task is None:
            task = self._loads[key] = asyncio.create_task(self._load(found))
            task.add_done_callback(lambda ended: self._end_load(key, ended))
        return await asyncio.shield(task)

    def _end_load(self, key: Key, task: asyncio.Task[LoadedModel]) -> None:
        del self._loads[key]
        if not task.cancelled():
            task.exception()  # heard, also where all who asked have gone

    async def _load(self, found: ModelDescription) -> LoadedModel:
        async with self._one_load:  # so that memory is counted right
            model = self._shelf.get((found.name, found.version))
            if model:
                model.leaves_for = ""  # it was replaced, and is wanted back
                return model
            try:
                model = await self._brought_in(found)
            except BaseException:
                metrics.MODEL_LOADS.labels(metrics.FAILED).inc()
                raise
        metrics.MODEL_LOADS.labels(metrics.LOADED).inc()
        log.info("model.loaded", model=found.name, version=found.version)
        return model

    async def _brought_in(self, found: ModelDescription) -> LoadedModel:
        """Loads a model; how much one takes is known once it was loaded."""
        key = found.name, found.version
        await self._make_room(found, self._known_bytes.get(key, 0))
        for attempt in range(LOAD_ATTEMPTS):
            try:
                engine = await self._models.load(*key)
                break
            except (MemoryError, OverloadedError):
                is_last = attempt + 1 == LOAD_ATTEMPTS
                if is_last or not await self._shelf.free_one():
                    raise self._no_room(found) from None
        self._known_bytes[key] = engine.memory_bytes
        try:
            await self._make_room(found, engine.memory_bytes)
        except BaseException:
            await engine.aclose()
            raise
        admission = Admission(engine.kind, engine.slot_count, self._patience, self._clock)
        model = LoadedModel(found, engine, admission, last_used=self._clock())
        self._shelf.add(model)
        return model

    async def _make_room(self, found: ModelDescription, byte_count: int) -> None:
        """Unloads idle models until so much fits; none when those in use leave too little."""
        while self.used_bytes + byte_count > self.budget_bytes:
            is_hopeless = self._shelf.lent_bytes + byte_count > self.budget_bytes
            if is_hopeless or not await self._shelf.free_one():
                raise self._no_room(found)

    def _no_room(self, found: ModelDescription) -> OverloadedError:
        message = (
            f"There is no room in memory for the model {found.name!r}: unload another one, wait "
            "until the others are idle, or raise TTSTRAINER_INFERENCE_MEMORY_BUDGET_BYTES."
        )
        return OverloadedError(message, reason=metrics.OUT_OF_MEMORY, retry_after_seconds=30)
