"""The models in memory: loaded once, shared, replaced, and unloaded when room is short."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from services.chassis.errors import InvalidInputError, NotFoundError, OverloadedError
from services.inference.catalogue.description import ModelDescription
from services.inference.pool.engine_pool import EnginePool
from tests.eventually import eventually
from tests.fakes.fake_engine import FakeEngine
from tests.fakes.fake_models import FakeModels, described


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def pool(models: FakeModels, budget_bytes: int = 1000, clock: Clock | None = None) -> EnginePool:
    return EnginePool(models, budget_bytes=budget_bytes, clock=clock or Clock())


def names(of: EnginePool) -> list[str]:
    return [f"{name}:{version}" for name, version in (model.key for model in of.loaded)]


async def test_a_model_loads_once_for_all_who_want_it_at_the_same_time() -> None:
    models = FakeModels(described("joe"))
    engines = pool(models)
    models.going.clear()

    async def use() -> FakeEngine:
        async with engines.lease("joe") as model:
            assert isinstance(model.engine, FakeEngine)
            return model.engine

    users = [asyncio.create_task(use()) for _ in range(5)]
    await eventually(lambda: engines.loading == {("joe", "1")})
    users[0].cancel()  # who gives up does not end it for the others
    models.going.set()
    results = await asyncio.gather(*users, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert set(results[1:]) == {models.engines[0]}
    assert models.load_count == 1
    assert engines.loading == frozenset()


async def test_an_unknown_model_is_not_found() -> None:
    engines = pool(FakeModels(described("joe")))
    with pytest.raises(NotFoundError):
        async with engines.lease("jane"):
            pass
    with pytest.raises(NotFoundError):
        await engines.unload("joe")


async def test_a_failed_load_leaves_nothing_and_can_be_tried_again() -> None:
    broken = True

    def make(_: ModelDescription) -> FakeEngine:
        if broken:
            raise InvalidInputError("It is broken.", reason="CORRUPT_CHECKPOINT")
        return FakeEngine()

    engines = pool(FakeModels(described("joe"), make=make))
    with pytest.raises(InvalidInputError, match="broken"):
        await engines.load("joe")
    assert engines.loaded == []
    assert engines.loading == frozenset()
    broken = False
    await engines.load("joe")
    assert names(engines) == ["joe:1"]


async def test_the_model_used_least_recently_makes_room() -> None:
    models = FakeModels(*map(described, ["a", "b", "c"]))
    clock = Clock()
    engines = pool(models, budget_bytes=200, clock=clock)
    for name in ("a", "b", "a"):
        clock.now += 1
        async with engines.lease(name):
            pass
    async with engines.lease("c"):
        assert names(engines) == ["a:1", "c:1"]
    assert [engine.is_closed for engine in models.engines] == [False, True, False]
    assert engines.used_bytes == 200


async def test_room_is_made_before_a_model_of_known_size_is_loaded_again() -> None:
    in_memory_when_loading: list[int] = []

    def make(_: ModelDescription) -> FakeEngine:
        in_memory_when_loading.append(engines.used_bytes)
        return FakeEngine()

    engines = pool(FakeModels(described("a"), described("b"), make=make), budget_bytes=150)
    for name in ("a", "b", "a", "b"):
        await engines.load(name)
    assert in_memory_when_loading == [0, 100, 0, 0]


async def test_a_model_that_cannot_fit_pushes_no_other_out_and_is_not_loaded_twice() -> None:
    def make(description: ModelDescription) -> FakeEngine:
        return FakeEngine(memory_bytes=500 if description.name == "big" else 100)

    models = FakeModels(described("a"), described("big"), make=make)
    engines = pool(models, budget_bytes=150)
    await engines.load("a")
    for _ in range(3):
        with pytest.raises(OverloadedError, match="no room"):
            await engines.load("big")
    assert names(engines) == ["a:1"]
    assert models.load_count == 2
    assert models.engines[1].is_closed


async def test_a_model_that_speaks_is_not_unloaded_for_another() -> None:
    models = FakeModels(described("a"), described("b"))
    engines = pool(models, budget_bytes=150)
    async with engines.lease("a") as speaking:
        with pytest.raises(OverloadedError, match="no room") as refused:
            await engines.load("b")
        assert refused.value.retry_after_seconds
        assert names(engines) == ["a:1"]
        assert not getattr(speaking.engine, "is_closed", True)
    assert models.engines[1].is_closed
    await engines.load("b")
    assert names(engines) == ["b:1"]


async def test_memory_that_runs_out_while_loading_unloads_another_model_and_tries_again() -> None:
    engines_in_memory: list[FakeEngine] = []

    def make(_: ModelDescription) -> FakeEngine:
        if any(not engine.is_closed for engine in engines_in_memory):
            raise MemoryError
        engines_in_memory.append(FakeEngine())
        return engines_in_memory[-1]

    models = FakeModels(described("a"), described("b"), make=make)
    engines = pool(models)
    await engines.load("a")
    await engines.load("b")
    assert names(engines) == ["b:1"]
    async with engines.lease("b"):
        with pytest.raises(OverloadedError):
            await engines.load("a")
    assert names(engines) == ["b:1"]


async def test_a_newer_version_takes_over_while_streams_of_the_older_one_end() -> None:
    models = FakeModels(described("joe", "1"))
    engines = pool(models)
    async with engines.lease("joe") as old:
        models.descriptions.append(described("joe", "2"))
        await engines.take_newer_versions()
        assert names(engines) == ["joe:1", "joe:2"]
        async with engines.lease("joe") as new, engines.lease("joe", "1") as asked_for:
            assert new.key == ("joe", "2")
            assert asked_for is old
        assert not models.engines[0].is_closed
        assert old.leaves_for == "replaced"
    await old.closed.wait()
    assert models.engines[0].is_closed
    assert names(engines) == ["joe:2"]


async def test_a_newer_version_that_is_broken_leaves_the_older_one_in_place() -> None:
    def make(description: ModelDescription) -> FakeEngine:
        if description.version == "2":
            raise InvalidInputError("It is broken.")
        return FakeEngine()

    models = FakeModels(described("joe", "1"), make=make)
    engines = pool(models)
    await engines.load("joe")
    models.descriptions.append(described("joe", "2"))
    await engines.take_newer_versions()
    async with engines.lease("joe") as model:
        assert model.key == ("joe", "1")


async def test_an_older_version_can_be_asked_for_beside_the_newest() -> None:
    engines = pool(FakeModels(described("joe", "1"), described("joe", "2")))
    async with engines.lease("joe", "1") as old, engines.lease("joe") as new:
        assert [old.key[1], new.key[1]] == ["1", "2"]
        assert not old.leaves_for


async def test_models_nobody_uses_leave_and_come_back_when_wanted() -> None:
    models = FakeModels(described("joe"), described("ann"))
    clock = Clock()
    engines = pool(models, clock=clock)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(engines.lease("ann"))
        await engines.load("joe")
        clock.now = 59
        engines.unload_idle(60)
        assert names(engines) == ["ann:1", "joe:1"]
        clock.now = 61
        engines.unload_idle(60)
        await eventually(lambda: names(engines) == ["ann:1"])
    async with engines.lease("joe"):
        assert models.load_count == 3


async def test_unloading_waits_for_the_streams_and_tells_what_became_free() -> None:
    engines = pool(FakeModels(described("joe")))
    async with engines.lease("joe"):
        unloading = asyncio.create_task(engines.unload("joe"))
        await asyncio.sleep(0)
        assert not unloading.done()
    assert await unloading == 100
    assert engines.loaded == []


async def test_a_broken_model_is_loaded_anew_for_the_next_stream() -> None:
    models = FakeModels(described("joe"))
    engines = pool(models)
    async with engines.lease("joe") as broken:
        engines.discard(broken)
        async with engines.lease("joe") as fresh:
            assert fresh is not broken
    await broken.closed.wait()
    assert names(engines) == ["joe:1"]


async def test_closing_ends_what_loads_and_closes_what_is_loaded() -> None:
    models = FakeModels(described("a"), described("b"))
    engines = pool(models)
    await engines.load("a")
    models.going.clear()
    loading = asyncio.create_task(engines.load("b"))
    await eventually(lambda: engines.loading)
    await engines.aclose()
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert engines.loaded == []
    assert models.engines[0].is_closed
