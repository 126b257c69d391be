"""Effects that happen once."""

import asyncio
import json

import pytest
from google.protobuf.struct_pb2 import Struct
from google.protobuf.wrappers_pb2 import StringValue
from prometheus_client import REGISTRY

from services.chassis.blobs import add_bytes
from services.chassis.errors import UnavailableError
from services.chassis.steps import Step, StepResults, count_from_zero
from tests.fakes.artifacts import InMemoryArtifacts

STEP = Step("test.v1.Service.Method", 1, {"gain_db": -3.5}, ("a", "b"), {"vad": "abc:float32"})


class Computation:
    """Counts how often it ran."""

    def __init__(self, *values: str) -> None:
        self.values = list(values)
        self.count = 0

    async def __call__(self) -> StringValue:
        self.count += 1
        await asyncio.sleep(0)
        return StringValue(value=self.values.pop(0) if len(self.values) > 1 else self.values[0])


@pytest.fixture
def store() -> InMemoryArtifacts:
    return InMemoryArtifacts()


def total(outcome: str) -> float:
    labels = {"method": STEP.method, "outcome": outcome}
    return REGISTRY.get_sample_value("ttstrainer_steps_total", labels) or 0.0


async def test_a_step_is_computed_once_and_then_reused(store: InMemoryArtifacts) -> None:
    compute = Computation("result")
    computed, reused = total("computed"), total("reused")
    for _ in range(3):
        results = StepResults(store)  # as after a restart
        assert (await results.once(STEP, StringValue, compute)).value == "result"
    assert compute.count == 1
    assert (total("computed") - computed, total("reused") - reused) == (1, 2)


async def test_equal_steps_at_once_compute_once(store: InMemoryArtifacts) -> None:
    compute, results = Computation("first", "second"), StepResults(store)
    found = await asyncio.gather(*(results.once(STEP, StringValue, compute) for _ in range(10)))
    assert {each.value for each in found} == {"first"}
    assert compute.count == 1


async def test_the_loser_of_a_race_returns_the_winners_result(store: InMemoryArtifacts) -> None:
    first, second = StepResults(store), StepResults(store)  # two processes
    both_started = asyncio.Barrier(2)

    async def race(name: str) -> StringValue:
        await both_started.wait()
        return StringValue(value=name)

    found = await asyncio.gather(
        first.once(STEP, StringValue, lambda: race("one")),
        second.once(STEP, StringValue, lambda: race("two")),
    )
    assert found[0] == found[1]


async def test_failures_are_not_recorded(store: InMemoryArtifacts) -> None:
    async def fail() -> StringValue:
        raise UnavailableError("not now")

    failed = total("failed")
    results = StepResults(store)
    with pytest.raises(UnavailableError):
        await results.once(STEP, StringValue, fail)
    assert store.objects == {}
    assert total("failed") - failed == 1
    assert (await results.once(STEP, StringValue, Computation("now"))).value == "now"


async def test_a_result_whose_blobs_are_gone_is_computed_again(store: InMemoryArtifacts) -> None:
    async def compute() -> StringValue:
        return StringValue(value=(await add_bytes(store, b"audio")).uri)

    results = StepResults(store)
    uri = (await results.once(STEP, StringValue, compute)).value
    key = uri.removeprefix("artifact://")
    await store.delete(key)
    assert (await results.once(STEP, StringValue, compute)).value == uri
    assert await store.read(key) == b"audio"


async def test_a_result_with_new_blobs_replaces_the_one_whose_blobs_are_gone(
    store: InMemoryArtifacts,
) -> None:
    contents = [b"one", b"two", b"never"]

    async def compute() -> StringValue:
        return StringValue(value=(await add_bytes(store, contents.pop(0))).uri)

    results = StepResults(store)
    first = (await results.once(STEP, StringValue, compute)).value
    await store.delete(first.removeprefix("artifact://"))
    second = (await results.once(STEP, StringValue, compute)).value
    assert second != first
    assert (await results.once(STEP, StringValue, compute)).value == second


async def test_the_manifest_tells_where_the_result_comes_from(store: InMemoryArtifacts) -> None:
    blob = await add_bytes(store, b"audio")

    async def compute() -> Struct:
        result = Struct()
        result.update({"clips": [{"audio": blob.uri}], "note": "text"})
        return result

    await StepResults(store, {"ffmpeg": "5.1"}).once(STEP, Struct, compute)
    manifest = json.loads(store.objects[f"steps/{STEP.key}"])
    assert manifest["method"] == STEP.method
    assert manifest["parameters"] == {"gain_db": -3.5}
    assert manifest["inputs"] == ["a", "b"]
    assert manifest["models"] == {"vad": "abc:float32"}
    assert manifest["versions"] == {"ffmpeg": "5.1"}
    assert manifest["blobs"] == [blob.sha256]


def test_a_key_depends_on_everything_that_the_result_depends_on() -> None:
    same = Step("test.v1.Service.Method", 1, {"gain_db": -3.5}, ("a", "b"), {"vad": "abc:float32"})
    others = [
        Step("test.v1.Service.Other", 1, {"gain_db": -3.5}, ("a", "b"), {"vad": "abc:float32"}),
        Step("test.v1.Service.Method", 2, {"gain_db": -3.5}, ("a", "b"), {"vad": "abc:float32"}),
        Step("test.v1.Service.Method", 1, {"gain_db": -3.0}, ("a", "b"), {"vad": "abc:float32"}),
        Step("test.v1.Service.Method", 1, {"gain_db": -3.5}, ("b", "a"), {"vad": "abc:float32"}),
        Step("test.v1.Service.Method", 1, {"gain_db": -3.5}, ("a", "b"), {"vad": "abc:int8"}),
        Step("test.v1.Service.Method", 1, {"gain_db": -3.5}, ("a", "b")),
    ]
    assert same.key == STEP.key
    assert len({STEP.key, *(other.key for other in others)}) == 7


def test_a_key_does_not_depend_on_the_order_of_parameters() -> None:
    one = Step("m", 1, {"a": 1, "b": {"c": 2, "d": 3}}, ())
    other = Step("m", 1, {"b": {"d": 3, "c": 2}, "a": 1}, ())
    assert one.key == other.key


def test_a_method_is_counted_from_zero_before_its_first_step() -> None:
    count_from_zero("test.v1.Service.Unused")
    for outcome in ("computed", "reused", "failed"):
        labels = {"method": "test.v1.Service.Unused", "outcome": outcome}
        assert REGISTRY.get_sample_value("ttstrainer_steps_total", labels) == 0
    count = "ttstrainer_step_duration_seconds_count"
    assert REGISTRY.get_sample_value(count, {"method": "test.v1.Service.Unused"}) == 0
