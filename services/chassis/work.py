"""Work on a queue: what a service registers so that its RPCs can be asked for by a run."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from services.chassis.bus import StepContext

__all__ = ["Progress", "StepContext", "StepEvents", "WorkHandler"]

Progress = Callable[[float], None]
"""Takes the fraction done, 0 to 1; cheap, and callable from any thread as often as one likes."""


@dataclass(frozen=True, slots=True)
class WorkHandler:
    """The use case behind one RPC method, as the work loop calls it."""

    method: str
    """On the wire, such as `ttstrainer.media.v1.MediaService.ExtractAudio`."""
    request_type: type[Message]
    handle: Callable[[Any, Progress], Awaitable[Message]]
    """Does the work and returns the event that tells of it; may be run again and cancelled."""


@dataclass(frozen=True, slots=True)
class StepEvents:
    """The schema's messages about steps, handed in because the chassis knows no schema."""

    failed: type[Message]
    """With run_id, step_id, method, attempt, code, reason, message and retryable."""
    progressed: type[Message]
    """With run_id, step_id, method, attempt and fraction."""
