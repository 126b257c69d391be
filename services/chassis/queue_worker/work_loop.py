"""The loop of a worker: takes as many requests as it has room for, and drains at the end."""

import asyncio
from contextlib import suppress

import structlog

from services.chassis.errors import CancelledByUserError, ServiceError
from services.chassis.queue_worker.deliveries import Delivery, WorkSource
from services.chassis.queue_worker.running_step import RunningStep
from services.chassis.queue_worker.settling import HandedBackError
from services.chassis.queue_worker.step_runner import StepRunner

RETRY_SECONDS = 0.5

log = structlog.get_logger()


class WorkLoop:
    """Runs up to `max_concurrent_steps` steps at once; asks for no request that it cannot start."""

    def __init__(self, source: WorkSource, runner: StepRunner, max_concurrent_steps: int) -> None:
        """Does nothing until `run`."""
        self._source = source
        self._runner = runner
        self._slots = asyncio.Semaphore(max_concurrent_steps)
        self._running: dict[asyncio.Task[None], RunningStep] = {}

    async def run(self) -> None:
        """Takes and starts requests until cancelled; what was started goes on until `drain`."""
        while True:
            await self._slots.acquire()
            try:
                delivery = await self._next()
            except BaseException:
                self._slots.release()
                raise
            self._start(delivery)

    async def drain(self, drain_seconds: float) -> None:
        """Gives running steps some seconds to finish, then hands the rest back to the queue.

        When it is cut short itself, what runs is stopped at once and comes again later.
        """
        try:
            if self._running:
                await asyncio.wait(self._running, timeout=drain_seconds)
            for running in self._running.values():
                running.stop(HandedBackError())
            if self._running:
                await asyncio.wait(self._running)
        finally:
            for task in self._running:
                task.cancel()

    def cancel_run(self, run_id: str) -> None:
        """Stops the steps of a run that nobody wants any more."""
        for running in self._running.values():
            if running.run_id == run_id:
                running.stop(CancelledByUserError("The run was cancelled."))

    async def _next(self) -> Delivery:
        while True:
            try:
                return await self._source.next()
            except ServiceError as error:
                log.warning("work.source_unavailable", reason=error.reason)
            except Exception:  # without it we would look alive and take nothing any more
                log.exception("work.source_failed")
            await asyncio.sleep(RETRY_SECONDS)

    def _start(self, delivery: Delivery) -> None:
        running = RunningStep(delivery.context.run_id if delivery.context else "")
        task = asyncio.create_task(self._runner.run(delivery, running))
        self._running[task] = running
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._slots.release()
        with suppress(asyncio.CancelledError):
            if error := task.exception():
                log.error("work.settling_failed", exc_info=error)
