"""Hears what workers tell, facts and progress, and hands it on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from google.protobuf.message import DecodeError, Message

from services.chassis.artifacts import ArtifactStore
from services.chassis.bus import StepContext, Subscriber
from services.pipeline.conductor import Conductor
from services.pipeline.events import HEARD, fact_of
from services.pipeline.live import Live
from services.pipeline.run_model import StepRef
from ttstrainer.pipeline.v1 import pipeline_events_pb2 as events

__all__ = ["DURABLE", "hearing"]

DURABLE = "pipeline"
"""All replicas share one place in the stream of events, and so the facts."""

log = structlog.get_logger()


@asynccontextmanager
async def hearing(
    subscriber: Subscriber, conductor: Conductor, live: Live, store: ArtifactStore
) -> AsyncIterator[None]:
    """Leads runs on for as long as the block lasts."""

    async def on_event(event: Message, context: StepContext | None) -> None:
        fact = await fact_of(event, context, store)
        if fact is None:
            log.debug("event.of_no_run", subject=event.DESCRIPTOR.full_name)
            return
        await conductor.hear(fact)

    async def on_progress(data: bytes) -> None:
        try:
            progress = events.StepProgressed.FromString(data)
            step = StepRef.parse(progress.run_id, progress.step_id, progress.attempt)
        except (DecodeError, ValueError):
            return
        if progress.trouble:
            live.put_back(step, progress.trouble)
        else:
            live.progressed(step, progress.fraction)

    facts = await subscriber.subscribe(DURABLE, HEARD, on_event)
    progress = await subscriber.watch_progress(on_progress)
    try:
        yield
    finally:
        await progress.stop()
        await facts.stop()
