"""The pipeline over a bus, queues and a bucket in memory, with workers that a test plays."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.pipeline.assembly import Pipeline, assembled
from services.pipeline.hearing import hearing
from services.pipeline.run_model import METHODS, Stage
from services.pipeline.settings import PipelineSettings
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.bus import InMemoryBus, InMemoryWorkQueue, Submitted
from tests.fakes.key_value import InMemoryKeyValue
from tests.fakes.pipeline import Clock
from tests.fakes.stages import answer_to
from ttstrainer.pipeline.v1 import pipeline_events_pb2 as events

STAGES = {method: stage for stage, method in METHODS.items()}


class PipelineOverFakes:
    """What tests look at and play with."""

    def __init__(self) -> None:
        """Starts with nothing under way."""
        self.store = InMemoryArtifacts()
        self.clock = Clock()
        self.bucket = InMemoryKeyValue(self.clock)
        self.bus = InMemoryBus()
        self.work_queue = InMemoryWorkQueue()
        self.stopping = asyncio.Event()
        self.pipeline = self.another_instance()
        self._done = 0

    def another_instance(self) -> Pipeline:
        """A pipeline over the same fakes, as after a restart."""
        return assembled(
            PipelineSettings(store_url="file:///unused", max_recordings=3, window_count=2),
            bucket=self.bucket,
            bus=self.bus,
            work_queue=self.work_queue,
            clock=self.clock,
            stopping=self.stopping,
        )

    @asynccontextmanager
    async def hearing(self) -> AsyncIterator[Pipeline]:
        """Has the pipeline hear what workers tell."""
        pipeline = self.pipeline
        async with hearing(self.bus, pipeline.conductor, pipeline.live, self.store):
            yield pipeline

    async def work_off(self, *, up_to: Stage | None = None) -> list[Submitted]:
        """Plays workers that succeed; stops at a stage and returns what is asked of it."""
        while self._done < len(self.work_queue.submitted):
            asked = self.work_queue.submitted[self._done]
            if STAGES[asked.method] is up_to:
                break
            self._done += 1
            event = answer_to(STAGES[asked.method], asked.request)
            await self.bus.publish(event, context=asked.context)
        return self.work_queue.submitted[self._done :]

    async def fail(self, asked: Submitted, *, retryable: bool = False) -> None:
        """Plays a worker that gives a step up."""
        self._done += 1
        context = asked.context
        failed = events.StepFailed(
            run_id=context.run_id,
            step_id=context.step_id,
            method=asked.method,
            attempt=context.attempt,
            code="INVALID_ARGUMENT",
            reason="BROKEN",
            message="It is broken: mend it.",
            retryable=retryable,
        )
        await self.bus.publish(failed, context=context)
