"""Steps whose effect happens once, however often they are delivered."""

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from weakref import WeakValueDictionary

from google.protobuf import json_format
from google.protobuf.message import Message
from prometheus_client import Counter, Histogram

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import CONTENT_KEYS

MANIFEST_KEYS = "steps/"
BLOB_URI = re.compile(rf"artifact://{CONTENT_KEYS}([0-9a-f]{{64}})")
STAT_BATCH_COUNT = 32

OUTCOMES = ("computed", "reused", "failed")
STEPS = Counter("ttstrainer_steps", "Steps asked for, by how they ended.", ["method", "outcome"])
DURATIONS = Histogram(
    "ttstrainer_step_duration_seconds",
    "Time to compute a step that was not recorded yet.",
    ["method"],
    buckets=(0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 10000),
)

M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Step:
    """What a result depends on: two steps with equal keys have the same result."""

    method: str
    """The RPC method on the wire."""
    revision: int
    """Bumped by hand when the code changes what it computes."""
    parameters: Mapping[str, object]
    """The resolved settings, in values that JSON knows."""
    inputs: tuple[str, ...]
    """The ids or URIs of what is read, in a meaningful order."""
    models: Mapping[str, str] = field(default_factory=dict)
    """Name -> "sha256:compute_type" of each model."""

    @property
    def key(self) -> str:
        """The sha256 of all of it."""
        return hashlib.sha256(_canonical(self.described())).hexdigest()

    def described(self) -> dict[str, object]:
        """Returns the parts as they are hashed and recorded."""
        return {
            "method": self.method,
            "revision": self.revision,
            "parameters": dict(self.parameters),
            "inputs": list(self.inputs),
            "models": dict(self.models),
        }


def count_from_zero(method: str) -> None:
    """Shows the metrics of a method before its first step, so that this one is a change."""
    DURATIONS.labels(method)
    for outcome in OUTCOMES:
        STEPS.labels(method, outcome)


class StepResults:
    """The results of steps, each recorded once in a manifest at `steps/<key>`."""

    def __init__(self, store: ArtifactStore, versions: Mapping[str, str] | None = None) -> None:
        """Records `versions` (library -> version) as provenance beside each result."""
        self._store = store
        self._versions = dict(versions or {})
        self._running: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def once(
        self, step: Step, result_type: type[M], compute: Callable[[], Awaitable[M]]
    ) -> M:
        """Returns the recorded result of `step`, or computes and records it.

        Equal steps that run at once in this process compute once. Of several processes that
        compute the same step the first to finish wins, and all return the winner's result. A
        result whose blobs were deleted is computed again.
        """
        lock = self._running.setdefault(step.key, asyncio.Lock())
        async with lock:
            recorded = await self._recorded(step)
            if recorded is not None and await self._is_whole(recorded):
                STEPS.labels(step.method, "reused").inc()
                return _result_in(recorded, result_type)
            try:
                result = await self._computed(step, compute)
            except Exception:
                STEPS.labels(step.method, "failed").inc()
                raise
            STEPS.labels(step.method, "computed").inc()
            return await self._record(step, result, result_type, replacing=recorded)

    async def _recorded(self, step: Step) -> bytes | None:
        key = MANIFEST_KEYS + step.key
        if await self._store.stat(key) is None:
            return None
        return await self._store.read(key)

    async def _is_whole(self, manifest: bytes) -> bool:
        hashes: list[str] = json.loads(manifest)["blobs"]
        for start in range(0, len(hashes), STAT_BATCH_COUNT):
            batch = hashes[start : start + STAT_BATCH_COUNT]
            found = await asyncio.gather(*(self._store.stat(CONTENT_KEYS + h) for h in batch))
            if None in found:
                return False
        return True

    async def _computed(self, step: Step, compute: Callable[[], Awaitable[M]]) -> M:
        started = time.perf_counter()
        result = await compute()
        DURATIONS.labels(step.method).observe(time.perf_counter() - started)
        return result

    async def _record(
        self, step: Step, result: M, result_type: type[M], *, replacing: bytes | None
    ) -> M:
        key = MANIFEST_KEYS + step.key
        manifest = _manifest(step, result, self._versions)
        if await self._store.create(key, manifest):
            return result
        winner = await self._store.read(key)
        if winner == replacing:
            # Its blobs are gone and nobody has repaired it: the one case that replaces a manifest.
            await self._store.write(key, manifest)
            return result
        return _result_in(winner, result_type)


def _manifest(step: Step, result: Message, versions: Mapping[str, str]) -> bytes:
    described = json_format.MessageToDict(result, preserving_proto_field_name=True)
    blobs = sorted(set(BLOB_URI.findall(json.dumps(described))))
    recorded = {**step.described(), "versions": versions, "blobs": blobs, "result": described}
    return _canonical(recorded)


def _result_in(manifest: bytes, result_type: type[M]) -> M:
    recorded = json.loads(manifest)["result"]
    return json_format.ParseDict(recorded, result_type(), ignore_unknown_fields=True)


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
