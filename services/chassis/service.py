"""The life of a service: start, say so, serve, drain, stop."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import grpc
import structlog

from services.chassis.artifacts import ArtifactStore
from services.chassis.bus import Bus, WorkQueue
from services.chassis.errors import ServiceError
from services.chassis.load_settings import load
from services.chassis.log import configure_logging
from services.chassis.messaging.jetstream import JetStreamLink
from services.chassis.messaging.without_nats import AbsentWorkQueue, SilentBus
from services.chassis.metrics import metrics_endpoint
from services.chassis.process.exiting import exit_within
from services.chassis.process.parent import die_with_named_parent
from services.chassis.process.scratch import scratch_folder
from services.chassis.process.side_tasks import SideTasks
from services.chassis.process.stop_signals import StopSignals
from services.chassis.queue_worker.working import working
from services.chassis.rpc.server import GrpcServer
from services.chassis.settings import ServiceSettings
from services.chassis.steps import StepResults
from services.chassis.storage.readiness import until_usable
from services.chassis.storage.stores import open_store
from services.chassis.work import StepEvents, WorkHandler

DISTRIBUTION = "tts-trainer"
FAILED_EXIT_CODE = 1
LAST_SECONDS = 2.0
"""How long threads may take to end after everything else has."""

log = structlog.get_logger()

S = TypeVar("S", bound=ServiceSettings)


@dataclass(frozen=True)
class Resources:
    """What the chassis gives a service to be composed of."""

    settings: ServiceSettings
    store: ArtifactStore
    steps: StepResults
    bus: Bus
    work_queue: WorkQueue
    jetstream: JetStreamLink | None
    """None where the service runs without NATS."""
    scratch: Path
    """A folder for this process's temporary files, removed at the end."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the service begins to drain: streams that only watch should end now."""


@dataclass(frozen=True)
class Edges:
    """What a service is made of, seen from outside."""

    register: Callable[[grpc.aio.Server], None]
    """Adds the servicers."""
    service_names: tuple[str, ...]
    """Their full names, for health and reflection."""
    work: tuple[WorkHandler, ...] = ()
    """What it does for runs."""
    background: tuple[Callable[[], Awaitable[None]], ...] = ()
    """What it does beside; may return, is cancelled at the end, and ends the service by raising."""


Compose = Callable[[S, Resources], AbstractAsyncContextManager[Edges]]


def run(settings_type: type[S], compose: Compose[S], *, step_events: StepEvents) -> None:
    """Is a whole service: `python -m services.<name>` calls this and nothing else.

    Ends with exit code 0 after a drain that SIGTERM or SIGINT asked for (another one cuts it
    short), with 2 and one line for bad settings, with 1 and one line for what a person can put
    right (a port, a file, a server), with 1 and a traceback in the log for anything else.
    """
    settings = load(settings_type)
    configure_logging(settings)
    die_with_named_parent()

    async def live() -> int:
        exit_code = await _live(settings, compose, step_events)
        exit_within(LAST_SECONDS, exit_code)
        return exit_code

    sys.exit(asyncio.run(live()))


async def _live(settings: S, compose: Compose[S], step_events: StepEvents) -> int:
    signals = StopSignals()
    try:
        with signals.listening():
            await _serve(settings, compose, step_events, signals)
    except asyncio.CancelledError:
        if not signals.stopping.is_set():
            raise
        log.warning("service.cut_short")
    except ServiceError as error:
        sys.stderr.write(f"{settings.service_name}: {error.message}\n")
        return FAILED_EXIT_CODE
    except Exception:
        log.exception("service.failed")
        return FAILED_EXIT_CODE
    else:
        log.info("service.stopped")
    return 0


async def _serve(
    settings: S, compose: Compose[S], step_events: StepEvents, signals: StopSignals
) -> None:
    stopping = signals.stopping
    async with AsyncExitStack() as stack:
        scratch = stack.enter_context(scratch_folder(settings.scratch_dir, settings.service_name))
        metrics_address = await stack.enter_async_context(metrics_endpoint(settings))
        server = await stack.enter_async_context(_listening(settings))
        link = await stack.enter_async_context(_linked(settings))
        resources = _resources(settings, link, scratch, stopping)
        if settings.keeps_artifacts:
            await until_usable(resources.store)
        edges = await stack.enter_async_context(compose(settings, resources))
        beside = await stack.enter_async_context(SideTasks())

        work = beside.start(_work(link, edges, step_events, settings, stopping))
        loops = [beside.start(loop()) for loop in edges.background]
        if link:
            loops.append(beside.start(link.connection.lost()))
        await server.admit(edges.register, edges.service_names)
        signals.has_work_to_drain = True
        log.info("service.started", address=server.address, metrics_address=metrics_address)
        await beside.watch_until(stopping)

        log.info("service.stopping", drain_seconds=settings.drain_seconds)
        await beside.cancel(*loops)
        await asyncio.gather(server.drain(settings.drain_seconds), work)


@asynccontextmanager
async def _listening(settings: ServiceSettings) -> AsyncIterator[GrpcServer]:
    server = GrpcServer(settings)
    await server.start()
    try:
        yield server
    finally:
        await server.drain(0)  # at once, when something failed; nothing is left after a real drain


@asynccontextmanager
async def _linked(settings: ServiceSettings) -> AsyncIterator[JetStreamLink | None]:
    if not settings.nats_url:
        yield None
        return
    log.info("nats.connecting")
    async with JetStreamLink.connect(settings) as link:
        yield link


def _resources(
    settings: ServiceSettings, link: JetStreamLink | None, scratch: Path, stopping: asyncio.Event
) -> Resources:
    store = open_store(settings)
    return Resources(
        settings=settings,
        store=store,
        steps=StepResults(store, {DISTRIBUTION: version(DISTRIBUTION)}),
        bus=link.bus if link else SilentBus(),
        work_queue=link.work_queue if link else AbsentWorkQueue(),
        jetstream=link,
        scratch=scratch,
        stopping=stopping,
    )


async def _work(
    link: JetStreamLink | None,
    edges: Edges,
    step_events: StepEvents,
    settings: ServiceSettings,
    stopping: asyncio.Event,
) -> None:
    if link:
        async with working(link, edges.work, step_events, settings):
            await stopping.wait()
