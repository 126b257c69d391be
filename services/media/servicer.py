"""MediaService over gRPC: translation only."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from typing import Any

import grpc

from services.chassis.artifacts import ArtifactStore, key_of
from services.chassis.errors import InvalidInputError
from services.chassis.progress_stream import progress_stream
from services.media import registering, wire
from services.media.extraction import Extraction
from services.media.importing import Imports
from services.media.intake import Intake
from services.media.probing import Probing
from ttstrainer.media.v1 import media_service_pb2 as pb
from ttstrainer.media.v1.media_service_pb2_grpc import MediaServiceServicer

Context = grpc.aio.ServicerContext[Any, Any]


class MediaServicer(MediaServiceServicer):
    """Answers the RPCs with the use cases."""

    def __init__(
        self,
        store: ArtifactStore,
        intake: Intake,
        imports: Imports,
        probing: Probing,
        extraction: Extraction,
    ) -> None:
        """Takes what it needs, made by the composition root."""
        self._store = store
        self._intake = intake
        self._imports = imports
        self._probing = probing
        self._extraction = extraction

    async def ImportRecording(
        self,
        request_iterator: AsyncIterator[pb.ImportRecordingRequest],
        context: Context,
    ) -> pb.ImportRecordingResponse:
        """See the contract."""
        first = await anext(request_iterator, None)
        if first is None or first.WhichOneof("payload") != "header":
            message = "The first message of an import must be its header."
            raise InvalidInputError(message, reason="HEADER_MISSING", field="header")
        header = first.header
        blob = await self._imports.receive(
            header.sha256, header.size_bytes, header.offset_bytes, _chunks(request_iterator)
        )
        recording = wire.recording_message(blob, header.display_name)
        return pb.ImportRecordingResponse(recording=recording)

    async def GetImport(
        self,
        request: pb.GetImportRequest,
        context: Context,
    ) -> pb.GetImportResponse:
        """See the contract."""
        received_bytes, is_complete = await self._imports.received(request.sha256)
        return pb.GetImportResponse(received_bytes=received_bytes, complete=is_complete)

    async def RegisterRecording(
        self,
        request: pb.RegisterRecordingRequest,
        context: Context,
    ) -> pb.RegisterRecordingResponse:
        """See the contract."""
        blob = await registering.register(self._store, self._intake, request.source_uri)
        name = request.display_name or registering.display_name_of(request.source_uri)
        return pb.RegisterRecordingResponse(recording=wire.recording_message(blob, name))

    async def ProbeMedia(
        self,
        request: pb.ProbeMediaRequest,
        context: Context,
    ) -> pb.ProbeMediaResponse:
        """See the contract."""
        return pb.ProbeMediaResponse(media=await self._probing.probe(request.recording_id))

    async def ExtractAudio(
        self,
        request: pb.ExtractAudioRequest,
        context: Context,
    ) -> AsyncIterator[pb.ExtractAudioResponse]:
        """See the contract."""
        stream = progress_stream(
            partial(self._extraction.extract, request),
            as_progress=lambda ratio: pb.ExtractAudioResponse(progress_ratio=ratio),
            as_result=lambda audio: pb.ExtractAudioResponse(audio=audio),
        )
        async with aclosing(stream) as responses:
            async for response in responses:
                yield response

    async def ReadArtifact(
        self,
        request: pb.ReadArtifactRequest,
        context: Context,
    ) -> AsyncIterator[pb.ReadArtifactResponse]:
        """See the contract."""
        if request.offset_bytes < 0:
            message = "offset_bytes must be zero or more."
            raise InvalidInputError(message, field="offset_bytes")
        key = key_of(request.artifact_uri, field="artifact_uri")
        async for piece in self._store.stream(key, offset_bytes=request.offset_bytes):
            yield pb.ReadArtifactResponse(chunk=piece)


async def _chunks(requests: AsyncIterator[pb.ImportRecordingRequest]) -> AsyncIterator[bytes]:
    async for request in requests:
        if request.WhichOneof("payload") != "chunk":
            message = "After the header come chunks only."
            raise InvalidInputError(message, reason="CHUNK_EXPECTED", field="chunk")
        yield request.chunk
