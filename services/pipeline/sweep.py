"""Looks through the runs now and then: for work that is due, lost, or done by nobody."""

import asyncio

import structlog

from services.chassis.bus import WorkQueue
from services.chassis.errors import NotFoundError, ServiceError
from services.pipeline.conductor import Clock, Conductor
from services.pipeline.idleness import Idleness
from services.pipeline.live import Live
from services.pipeline.metrics import LONGEST_IDLE, RUNS_IN_PROGRESS
from services.pipeline.progress import current_step, ratio_of
from services.pipeline.queue_watch import QueueLength, QueueWatch
from services.pipeline.run_model import METHODS, Snapshot, Stage, State, StepRef
from services.pipeline.run_store import RunStore

__all__ = ["Sweep"]

log = structlog.get_logger()


class Sweep:
    """What a crash left undone is done within one round."""

    def __init__(
        self,
        *,
        runs: RunStore,
        conductor: Conductor,
        work_queue: WorkQueue,
        live: Live,
        watch: QueueWatch,
        clock: Clock,
    ) -> None:
        """Does nothing until `run`."""
        self._runs = runs
        self._conductor = conductor
        self._work_queue = work_queue
        self._live = live
        self._watch = watch
        self._clock = clock
        self._idleness = Idleness()

    async def run(self, every_seconds: float) -> None:
        """Sweeps at once and then regularly, until cancelled."""
        while True:
            try:
                await self.sweep()
            except ServiceError as error:
                log.warning("sweep.failed", reason=error.reason)
            except Exception:
                log.exception("sweep.failed", reason="INTERNAL")
            await asyncio.sleep(every_seconds)

    async def sweep(self) -> None:
        """Drives every run that is under way once, and looks at the queues."""
        running = []
        for run_id in await self._runs.active_run_ids():
            try:
                snapshot = await self._conductor.drive(run_id)
            except NotFoundError:
                continue  # It is being created: its recordings are there before it is.
            except Exception as error:
                if isinstance(error, ServiceError) and error.retryable:
                    raise  # NATS is away or full, for all of them.
                log.exception("sweep.run_failed", run_id=run_id)
                continue
            if snapshot.run.state is State.RUNNING:
                running.append(snapshot)
        RUNS_IN_PROGRESS.set(len(running))
        known = {it.run.run_id: (it, ratio_of(it, self._live.fraction_of)) for it in running}
        LONGEST_IDLE.set(self._idleness.look(known, self._clock()))
        await self._look_at_queues(running)

    async def _look_at_queues(self, running: list[Snapshot]) -> None:
        awaited: dict[str, list[StepRef]] = {}
        for step in (step for snapshot in running for step in _awaited_by(snapshot)):
            awaited.setdefault(METHODS[step.stage], []).append(step)
        queues = {method: await self._length_of(method) for method in awaited}
        begun = frozenset(
            step for steps in awaited.values() for step in steps if self._live.has_begun(step)
        )
        news = self._watch.look(awaited, queues, begun, self._clock())
        self._live.unserved = dict(news.unserved)
        for step in news.lost:
            log.warning("step.queued_again", run_id=step.run_id, step_id=step.step_id)
            await self._conductor.publish_again(step)

    async def _length_of(self, method: str) -> QueueLength:
        state = await self._work_queue.backlog(method)
        return QueueLength(state.pending_count + state.in_flight_count, state.has_worker)


def _awaited_by(snapshot: Snapshot) -> list[StepRef]:
    run = snapshot.run
    steps = [
        current_step(run, each)
        for each in snapshot.recordings
        if each.state is State.RUNNING and each.step.queued
    ]
    if run.build.queued:
        steps.append(StepRef(run.run_id, Stage.BUILD, "", run.build.attempt))
    return steps
