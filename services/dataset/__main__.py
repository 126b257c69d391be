"""Starts the dataset service: `python -m services.dataset`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import grpc

from services.chassis.channel import open_channel
from services.chassis.service import Edges, Resources, run
from services.chassis.work import StepEvents
from services.dataset import worker
from services.dataset.building import Building
from services.dataset.consents.consenting import Consenting
from services.dataset.consents.consents import Consents
from services.dataset.consents.evidence import Evidence
from services.dataset.consents.servicer import ConsentServicer
from services.dataset.consents.spoken_words import SpokenWords
from services.dataset.consents.withdrawals import Withdrawals
from services.dataset.exporting import Exporting
from services.dataset.listing import Listing
from services.dataset.recommending import Recommending
from services.dataset.reviewing import Reviewing
from services.dataset.servicer import DatasetServicer
from services.dataset.settings import DatasetSettings
from services.dataset.versions import Versions
from ttstrainer.dataset.v1 import consent_service_pb2 as consent_pb
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb
from ttstrainer.dataset.v1.consent_service_pb2_grpc import add_ConsentServiceServicer_to_server
from ttstrainer.dataset.v1.dataset_service_pb2_grpc import add_DatasetServiceServicer_to_server
from ttstrainer.media.v1.media_service_pb2_grpc import MediaServiceStub
from ttstrainer.pipeline.v1 import pipeline_events_pb2 as pipeline_events
from ttstrainer.transcription.v1.transcription_service_pb2_grpc import TranscriptionServiceStub


def now() -> datetime:
    """Returns the time."""
    return datetime.now(UTC)


@asynccontextmanager
async def compose(settings: DatasetSettings, resources: Resources) -> AsyncIterator[Edges]:
    """Builds the service from its settings."""
    store, steps = resources.store, resources.steps
    versions = Versions(store)
    building = Building(store, steps, versions, settings, now)
    recommending = Recommending(store, settings)
    servicer = DatasetServicer(
        versions=versions,
        building=building,
        reviewing=Reviewing(store, versions, now),
        exporting=Exporting(store, steps, recommending, resources.scratch),
        recommending=recommending,
        listing=Listing(store, versions),
        bus=resources.bus,
    )

    async with (
        channel_to(settings.media_address, settings.media_ca_file, settings) as media,
        channel_to(
            settings.transcription_address, settings.transcription_ca_file, settings
        ) as transcription,
    ):
        listener = SpokenWords(
            store, MediaServiceStub(media), TranscriptionServiceStub(transcription)
        )
        consenting = Consenting(
            Consents(store, now),
            Evidence(store, listener, settings.min_statement_match),
            Withdrawals(store),
            resources.bus,
        )

        def register(server: grpc.aio.Server) -> None:
            add_DatasetServiceServicer_to_server(servicer, server)
            add_ConsentServiceServicer_to_server(ConsentServicer(consenting), server)

        yield Edges(
            register=register,
            service_names=(
                pb.DESCRIPTOR.services_by_name["DatasetService"].full_name,
                consent_pb.DESCRIPTOR.services_by_name["ConsentService"].full_name,
            ),
            work=worker.handlers(building),
        )


def channel_to(address: str, ca_file: Path | None, settings: DatasetSettings) -> grpc.aio.Channel:
    """Opens a channel to another service, with our own certificate where TLS is on."""
    return open_channel(
        address,
        tls_ca_file=ca_file,
        certificate_file=settings.tls_certificate_file if ca_file else None,
        key_file=settings.tls_key_file if ca_file else None,
        bearer_token=settings.bearer_token.get_secret_value(),
    )


if __name__ == "__main__":
    run(
        DatasetSettings,
        compose,
        step_events=StepEvents(
            failed=pipeline_events.StepFailed, progressed=pipeline_events.StepProgressed
        ),
    )
