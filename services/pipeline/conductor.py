"""Leads runs on: keeps what each fact changes, then puts what follows from it on the queues."""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime

import structlog

from services.chassis.bus import Bus, StepContext, WorkQueue
from services.chassis.errors import InvalidInputError
from services.pipeline import flow
from services.pipeline.facts import Fact, Failed, Queued
from services.pipeline.live import Live
from services.pipeline.metrics import RUN_DURATIONS, RUNS
from services.pipeline.requests import request_of
from services.pipeline.run_model import METHODS, Run, Snapshot, Stage, State, StepRef
from services.pipeline.run_store import Changed, RunStore
from services.pipeline.wire import run_message
from ttstrainer.pipeline.v1 import pipeline_events_pb2 as events

__all__ = ["Clock", "Conductor"]

Clock = Callable[[], datetime]

log = structlog.get_logger()


class Conductor:
    """The one place that changes runs; its methods may be repeated and run in several processes."""

    def __init__(
        self,
        *,
        runs: RunStore,
        work_queue: WorkQueue,
        bus: Bus,
        live: Live,
        rules: flow.Rules,
        clock: Clock,
    ) -> None:
        """Takes all it needs; holds no state of its own."""
        self._runs = runs
        self._work_queue = work_queue
        self._bus = bus
        self._live = live
        self._rules = rules
        self._clock = clock

    async def hear(self, fact: Fact) -> None:
        """Applies a fact; returns once everything that follows from it is on the queues.

        A fact that comes again, because we died before it was acknowledged, changes nothing but
        publishes what may not have been published.
        """
        step = fact.step
        run = await self._runs.run(step.run_id)
        is_ours = run and (step.stage is Stage.BUILD or step.recording_id in run.recording_ids)
        if run is None or not is_ours:
            log.warning("fact.of_unknown_run", run_id=step.run_id, step_id=step.step_id)
            return
        if not isinstance(fact.outcome, Queued):
            self._live.forget(fact.step)
        if run.state is not State.RUNNING:
            await self.drive(run.run_id)
        elif fact.step.stage is Stage.BUILD:
            await self._change_run(
                run.run_id, lambda it: flow.finish(it, fact, self._rules, self._clock())
            )
            await self.drive(run.run_id)
        else:
            await self._hear_of_recording(run, fact)

    async def drive(self, run_id: str) -> Snapshot:
        """Publishes all that is pending for a run and returns the run. Raises NotFoundError."""
        read = await self._runs.snapshot(run_id)
        changed = await self._change_run(
            run_id, lambda it: flow.settle(read, self._clock()) if it == read.run else it
        )
        if changed.before != read.run:
            # Somebody may have retried it: these recordings do not belong to the run as it is now.
            return await self.drive(run_id)
        snapshot = replace(read, run=changed.after)
        for step in flow.pending(snapshot, self._rules):
            if step.stage is Stage.BUILD and await self._waits(snapshot.run):
                break  # The next sweep looks again.
            snapshot = await self._publish(step, snapshot)
        if flow.settle(snapshot, self._clock()) != snapshot.run:
            return await self.drive(run_id)
        if snapshot.run.state is State.CANCELLED:
            # Before it may rest: so that it is done, though whoever cancelled it died before.
            await self._work_queue.cancel(run_id)
        await self._announce(snapshot)
        return snapshot

    async def publish_again(self, step: StepRef) -> None:
        """Puts the command of a step on the queue once more, because it seems to be lost."""
        await self._submit(step, await self._runs.snapshot(step.run_id))

    async def cancel(self, run_id: str) -> Changed[Run]:
        """Ends a run; work that is queued is dropped and work under way is stopped."""
        changed = await self._change_run(run_id, lambda it: flow.cancel(it, self._clock()))
        await self.drive(run_id)
        return changed

    async def retry(self, run_id: str) -> None:
        """Goes on with an ended run; its recordings first, so that they are ready when it runs."""
        snapshot = await self._runs.snapshot(run_id)
        await self._runs.mark_active(run_id)
        for recording in snapshot.recordings:
            await self._runs.change_recording(run_id, recording.recording_id, flow.retry_recording)
        await self._change_run(
            run_id, lambda it: it if it.state is State.RUNNING else flow.retry(it)
        )
        # Again: whoever announced the earlier end meanwhile may have taken the mark away.
        await self._runs.mark_active(run_id)

    async def _hear_of_recording(self, run: Run, fact: Fact) -> None:
        changed = await self._runs.change_recording(
            run.run_id,
            fact.step.recording_id,
            lambda it: flow.advance(it, fact, run.options, self._rules),
        )
        recording = changed.after
        if recording.state is not State.RUNNING:
            if changed.before.state is State.RUNNING and recording.failure:
                log.warning(
                    "recording.left_out",
                    run_id=run.run_id,
                    recording_id=recording.recording_id,
                    stage=str(recording.stage),
                    reason=recording.failure.reason,
                )
            await self.drive(run.run_id)
            return
        for step in flow.pending_of(run, recording):
            after = await self._publish(step, Snapshot(run, (recording,)))
            if after.recordings[0].state is not State.RUNNING:
                await self.drive(run.run_id)

    async def _waits(self, run: Run) -> bool:
        """Says whether an earlier run is under way that must be built before this one."""
        earlier = [it for it in await self._runs.active_run_ids() if it < run.run_id]
        async with aclosing(self._runs.runs(earlier)) as others:
            async for other in others:
                if flow.is_built_after(run, other):
                    return True
        return False

    async def _publish(self, step: StepRef, snapshot: Snapshot) -> Snapshot:
        """Puts a command on the queue and keeps that it is there; returns the run after that.

        What the queue will never take, such as a request that is too large, fails the step.
        """
        fact = Fact(step, Queued())
        try:
            await self._submit(step, snapshot)
        except InvalidInputError as error:
            fact = Fact(step, Failed(error.reason, error.message, retryable=False))
        run_id, options = step.run_id, snapshot.run.options
        if step.stage is Stage.BUILD:
            run = await self._change_run(
                run_id, lambda it: flow.finish(it, fact, self._rules, self._clock())
            )
            return replace(snapshot, run=run.after)
        changed = await self._runs.change_recording(
            run_id,
            step.recording_id,
            lambda it: flow.advance(it, fact, options, self._rules),
        )
        recordings = tuple(
            changed.after if each.recording_id == step.recording_id else each
            for each in snapshot.recordings
        )
        return replace(snapshot, recordings=recordings)

    async def _submit(self, step: StepRef, snapshot: Snapshot) -> None:
        request = request_of(step, snapshot)
        context = StepContext(step.run_id, step.step_id, step.attempt)
        await self._work_queue.submit(METHODS[step.stage], request, context)
        run = await self._runs.run(step.run_id)
        if run and run.state is State.CANCELLED:
            # Whoever cancelled it may have emptied the queue before this was on it.
            await self._work_queue.cancel(step.run_id)

    async def _change_run(self, run_id: str, change: Callable[[Run], Run]) -> Changed[Run]:
        changed = await self._runs.change_run(run_id, change)
        run = changed.after
        if changed.before.state is State.RUNNING and run.state is not State.RUNNING:
            RUNS.labels(str(run.state)).inc()
            if run.end_time:
                RUN_DURATIONS.observe((run.end_time - run.create_time).total_seconds())
            reason = run.failure.reason if run.failure else ""
            log.info("run.finished", run_id=run_id, state=str(run.state), reason=reason)
        return changed

    async def _announce(self, snapshot: Snapshot) -> None:
        """Tells the world where the run stands, once for each state, and lets ended runs rest."""
        run = snapshot.run
        if run.announced is not run.state:
            message = run_message(snapshot, self._live, with_recordings=False)
            kind = events.RunStarted if run.state is State.RUNNING else events.RunFinished
            message_id = f"{run.run_id}/{run.state}/{run.build.attempt}"
            await self._bus.publish(kind(run=message), message_id=message_id)
            await self._runs.change_run(
                run.run_id,
                lambda it: replace(it, announced=run.state) if it.state is run.state else it,
            )
        if run.state is not State.RUNNING:
            await self._runs.mark_ended(run.run_id)
