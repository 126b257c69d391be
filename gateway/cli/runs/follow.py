"""Shows a run until it has ended."""

import asyncio

from gateway.cli.runs.run_view import RunView
from gateway.cli.session import Session
from gateway.client.client import Client
from services.chassis.errors import ConflictError, ServiceError

CANCEL_SECONDS = 10.0


async def follow(
    client: Client, session: Session, view: RunView, run_id: str, *, cancels: bool
) -> None:
    """Feeds `view` until the run has ended; where it `cancels`, an interruption ends the run."""
    try:
        async for change in client.pipeline.watch(run_id):
            view.update(change)
    except asyncio.CancelledError:
        if cancels and (note := await _cancelled(client, run_id)):
            session.reporter.note(note)
        raise


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
