"""Starts the pipeline service: `python -m services.pipeline`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import grpc

from services.chassis.artifacts import ArtifactStore
from services.chassis.channel import open_channel
from services.chassis.errors import InvalidInputError
from services.chassis.key_value import KeyValue
from services.chassis.service import Edges, Resources, run
from services.chassis.work import StepEvents
from services.pipeline.assembly import assembled
from services.pipeline.drops.bunches import Patience
from services.pipeline.drops.inbox import Inbox
from services.pipeline.drops.registrar import MediaRegistrar
from services.pipeline.drops.watched_folder import WatchedFolder
from services.pipeline.hearing import hearing
from services.pipeline.settings import PipelineSettings
from ttstrainer.pipeline.v1 import pipeline_events_pb2 as events
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb
from ttstrainer.pipeline.v1.pipeline_service_pb2_grpc import (
    add_PipelineServiceServicer_to_server,
)

BUCKET = "runs"


@asynccontextmanager
async def compose(settings: PipelineSettings, resources: Resources) -> AsyncIterator[Edges]:
    """Builds the service from its settings."""
    link = resources.jetstream
    if link is None:
        message = "The pipeline needs NATS to lead runs: set TTSTRAINER_NATS_URL."
        raise InvalidInputError(message, reason="NATS_IS_MISSING")
    bucket = await link.key_value(BUCKET)
    pipeline = assembled(
        settings,
        bucket=bucket,
        bus=resources.bus,
        work_queue=resources.work_queue,
        clock=now,
        stopping=resources.stopping,
    )

    def register(server: grpc.aio.Server) -> None:
        add_PipelineServiceServicer_to_server(pipeline.servicer, server)

    async def sweep() -> None:
        await pipeline.sweep.run(settings.sweep_seconds)

    async with (
        channel_to_media(settings) as channel,
        hearing(link, pipeline.conductor, pipeline.live, resources.store),
    ):
        inbox = Inbox(
            store=resources.store,
            bucket=bucket,
            registrar=MediaRegistrar(channel),
            runs=pipeline.runs,
            patience=Patience(settings.rest_seconds, settings.quiet_seconds),
            kept_for=settings.runs_kept_for,
            clock=now,
        )
        yield Edges(
            register=register,
            service_names=(pb.DESCRIPTOR.services_by_name["PipelineService"].full_name,),
            background=(
                sweep,
                lambda: inbox.run(settings.inbox_poll_seconds),
                *((pipeline.retention.run,) if pipeline.retention else ()),
                *folder_loops(settings, resources.store, bucket),
            ),
        )


def folder_loops(
    settings: PipelineSettings, store: ArtifactStore, bucket: KeyValue
) -> tuple[Callable[[], Awaitable[None]], ...]:
    """Returns the loop that watches a folder, if one is set."""
    if settings.watched_folder is None:
        return ()
    folder = WatchedFolder(
        settings.watched_folder,
        store=store,
        bucket=bucket,
        rest_seconds=settings.rest_seconds,
        kept_for=settings.runs_kept_for,
        clock=now,
    )
    return (lambda: folder.run(settings.inbox_poll_seconds),)


def channel_to_media(settings: PipelineSettings) -> grpc.aio.Channel:
    """Opens the channel to MediaService, with our own certificate where TLS is on."""
    return open_channel(
        settings.media_address,
        tls_ca_file=settings.media_ca_file,
        certificate_file=settings.tls_certificate_file if settings.media_ca_file else None,
        key_file=settings.tls_key_file if settings.media_ca_file else None,
        bearer_token=settings.bearer_token.get_secret_value(),
    )


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


if __name__ == "__main__":
    run(
        PipelineSettings,
        compose,
        step_events=StepEvents(failed=events.StepFailed, progressed=events.StepProgressed),
    )
