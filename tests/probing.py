"""A method to queue work for in tests: probes a recording, as far as messages go."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import uuid4

from services.chassis.bus import StepContext
from services.chassis.messaging.jetstream import JetStreamLink
from services.chassis.work import Progress, StepEvents, WorkHandler
from ttstrainer.media.v1.media_events_pb2 import MediaProbed
from ttstrainer.media.v1.media_service_pb2 import MediaInfo, ProbeMediaRequest
from ttstrainer.pipeline.v1.pipeline_events_pb2 import StepFailed, StepProgressed

STEP_EVENTS = StepEvents(StepFailed, StepProgressed)

Effect = Callable[[str, Progress], Awaitable[None]]


def unique_id(name: str) -> str:
    """Returns an id that no other test uses."""
    return f"{name}-{uuid4().hex[:12]}"


async def nothing(recording_id: str, progress: Progress) -> None:
    """The effect of a probe that succeeds at once."""


@dataclass
class Probing:
    """One method, one run, and what was seen of both."""

    effect: Effect = nothing
    run_id: str = field(default_factory=lambda: unique_id("run"))
    method: str = field(default_factory=lambda: f"ttstrainer.test.v1.{unique_id('Service')}.Probe")
    started: list[str] = field(default_factory=list)
    """The recordings, once for each time that the work began."""
    finished: list[str] = field(default_factory=list)
    events: list[MediaProbed] = field(default_factory=list)
    failures: list[StepFailed] = field(default_factory=list)
    contexts: list[StepContext | None] = field(default_factory=list)

    @property
    def handler(self) -> WorkHandler:
        """What a worker registers."""
        return WorkHandler(self.method, ProbeMediaRequest, self._probe)

    async def submit(self, link: JetStreamLink, *recording_ids: str) -> None:
        """Queues one step for each recording."""
        for recording_id in recording_ids:
            await link.work_queue.submit(
                self.method,
                ProbeMediaRequest(recording_id=recording_id),
                StepContext(self.run_id, f"probe/{recording_id}", 1, f"trace-{recording_id}"),
            )

    async def listen(self, link: JetStreamLink) -> None:
        """Collects the events of the run from now on."""
        await link.subscribe(unique_id("test"), [MediaProbed, StepFailed], self._hear)

    @property
    def probed(self) -> list[str]:
        """The recordings of the events, sorted."""
        return sorted(event.media.recording_id for event in self.events)

    def has_finished(self, recording_id: str) -> bool:
        """Says whether the work on a recording has come to its end."""
        return recording_id in self.finished

    async def _probe(self, request: ProbeMediaRequest, progress: Progress) -> MediaProbed:
        self.started.append(request.recording_id)
        await self.effect(request.recording_id, progress)
        self.finished.append(request.recording_id)
        return MediaProbed(media=MediaInfo(recording_id=request.recording_id))

    async def _hear(self, event: MediaProbed | StepFailed, context: StepContext | None) -> None:
        if context is None or context.run_id != self.run_id:
            return
        self.contexts.append(context)
        if isinstance(event, StepFailed):
            self.failures.append(event)
        else:
            self.events.append(event)


async def hang(recording_id: str, progress: Progress) -> None:
    """The effect of a probe that never ends by itself."""
    await asyncio.Event().wait()
