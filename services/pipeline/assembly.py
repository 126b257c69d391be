"""The parts of the pipeline, put together over whatever they stand on."""

import asyncio
from dataclasses import dataclass

from services.chassis.bus import Bus, WorkQueue
from services.chassis.key_value import KeyValue
from services.pipeline.conductor import Clock, Conductor
from services.pipeline.flow import Rules
from services.pipeline.live import Live
from services.pipeline.queue_watch import QueueWatch
from services.pipeline.retention import Retention
from services.pipeline.run_removal import RunRemoval
from services.pipeline.run_store import RunStore
from services.pipeline.runs import Runs
from services.pipeline.servicer import PipelineServicer
from services.pipeline.settings import PipelineSettings
from services.pipeline.sweep import Sweep
from services.pipeline.watching import Watching

__all__ = ["Pipeline", "assembled"]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What leads runs, ready to be connected."""

    conductor: Conductor
    live: Live
    runs: Runs
    servicer: PipelineServicer
    sweep: Sweep
    retention: Retention | None
    """None where runs are kept for ever."""


def assembled(
    settings: PipelineSettings,
    *,
    bucket: KeyValue,
    bus: Bus,
    work_queue: WorkQueue,
    clock: Clock,
    stopping: asyncio.Event,
) -> Pipeline:
    """Returns the parts, connected with each other; nothing runs yet."""
    kept_for = settings.runs_kept_for
    store, live = RunStore(bucket, kept_for), Live()
    conductor = Conductor(
        runs=store,
        work_queue=work_queue,
        bus=bus,
        live=live,
        rules=Rules(settings.max_attempts, settings.window_count),
        clock=clock,
    )
    runs = Runs(store, conductor, clock, settings.max_recordings)
    watch = QueueWatch(
        lost_after_seconds=settings.lost_after_seconds,
        unserved_after_seconds=settings.unserved_after_seconds,
    )
    return Pipeline(
        conductor=conductor,
        live=live,
        runs=runs,
        servicer=PipelineServicer(runs, Watching(store, live, stopping), live),
        sweep=Sweep(
            runs=store,
            conductor=conductor,
            work_queue=work_queue,
            live=live,
            watch=watch,
            clock=clock,
        ),
        retention=Retention(RunRemoval(bucket), kept_for, clock) if kept_for else None,
    )
