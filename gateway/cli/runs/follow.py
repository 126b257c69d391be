"""Starts a run, and shows it until it has ended; an interruption ends it."""

import asyncio
from collections.abc import Awaitable

from gateway.cli.runs.run_view import RunView
from gateway.cli.session import Session
from gateway.cli.undoing import made
from gateway.client.client import Client
from services.chassis.errors import ConflictError, ServiceError
from ttstrainer.pipeline.v1.pipeline_service_pb2 import Run

CANCEL_SECONDS = 10.0


async def started(client: Client, session: Session, starting: Awaitable[Run]) -> Run:
    """Returns the run that comes of a call; interrupted meanwhile, it cancels that run."""
    return await made(starting, lambda run: _cancel(client, session, run.run_id))


async def follow(
    client: Client, session: Session, view: RunView, run_id: str, *, cancels: bool
) -> None:
    """Feeds `view` until the run has ended; where it `cancels`, an interruption ends the run."""
    try:
        async for change in client.pipeline.watch(run_id):
            view.update(change)
    except asyncio.CancelledError:
        if cancels:
            await _cancel(client, session, run_id)
        raise


async def _cancel(client: Client, session: Session, run_id: str) -> None:
    if note := await _cancelled(client, run_id):
        session.reporter.note(note)


async def _cancelled(client: Client, run_id: str) -> str:
    """Cancels the run, and returns what a person should know of it; nothing if it had ended."""
    try:
        async with asyncio.timeout(CANCEL_SECONDS):
            await client.pipeline.cancel(run_id)
    except ConflictError:
        return ""
    except (ServiceError, TimeoutError):
        return (
            f"Interrupted, but run {run_id} could not be cancelled and goes on where its services "
            f"run: end it with `tts-trainer runs cancel {run_id}`."
        )
    return (
        f"Interrupted: run {run_id} is cancelled. What it has done is kept; go on with "
        f"`tts-trainer runs retry {run_id}`."
    )
