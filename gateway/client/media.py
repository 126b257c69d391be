"""What a client asks of the media service."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from gateway.client.local_files import chunks_of, fingerprint, wire_text
from gateway.client.retrying import Patience, patiently, streamed_patiently, translated
from gateway.client.sending import sending
from services.chassis.artifacts import key_of
from services.chassis.blobs import CONTENT_KEYS
from services.chassis.errors import InvalidInputError, ServiceError, UnavailableError
from ttstrainer.media.v1 import media_service_pb2 as pb
from ttstrainer.media.v1 import media_service_pb2_grpc as rpc

M = TypeVar("M", bound=Message)

Progress = Callable[[float], None]
"""Told how far something has come, 0 to 1."""


class MediaClient:
    """Imports recordings, probes and extracts them, reads artifacts."""

    def __init__(
        self, stub: rpc.MediaServiceStub, patience: Callable[[], Patience] = Patience
    ) -> None:
        """Talks through `stub`, and is as patient as `patience()` with a silent service."""
        self._stub = stub
        self._patience = patience

    async def import_recording(
        self, path: Path, progress: Progress, *, display_name: str = ""
    ) -> pb.Recording:
        """Stores a file and returns the recording; goes on where an earlier try stopped.

        Bytes that were sent and not stored are sent again; `progress` rests meanwhile.

        Raises:
            ServiceError: the file is empty or cannot be read, or the service refused it.
        """
        sha256, size_bytes = await fingerprint(path)
        if size_bytes == 0:
            message = f"{path.name} is empty: there is nothing to import."
            raise InvalidInputError(message, reason="EMPTY_FILE")
        name = wire_text(display_name or path.name)
        progress = _rising(progress)
        waiting = self._patience()
        while True:
            try:
                header = pb.ImportRecordingHeader(
                    sha256=sha256, size_bytes=size_bytes, display_name=name
                )
                return await self._send(path, header, progress, waiting)
            except ServiceError as error:
                await waiting.pause(error)

    async def holds(self, sha256: str) -> bool:
        """Says whether the store has the bytes with this SHA-256."""
        request = pb.GetImportRequest(sha256=sha256)
        answer = await patiently(lambda: self._stub.GetImport(request), self._patience)
        return answer.complete

    async def probe(self, recording_id: str) -> pb.MediaInfo:
        """Says what a recording contains."""
        request = pb.ProbeMediaRequest(recording_id=recording_id)
        return (await patiently(lambda: self._stub.ProbeMedia(request), self._patience)).media

    async def extract_audio(
        self, request: pb.ExtractAudioRequest, progress: Progress
    ) -> pb.ExtractedAudio:
        """Takes the audio out of a recording."""
        calls = streamed_patiently(lambda: self._stub.ExtractAudio(request), self._patience)
        async for response in calls:
            if response.HasField("audio"):
                return response.audio
            progress(response.progress_ratio)
        raise _unfinished("ExtractAudio")

    async def read(self, uri: str) -> AsyncIterator[bytes]:
        """Yields the bytes of an artifact, across a restart of the service."""
        waiting = self._patience()
        offset_bytes = 0
        while True:
            request = pb.ReadArtifactRequest(artifact_uri=uri, offset_bytes=offset_bytes)
            try:
                with translated():
                    async for response in self._stub.ReadArtifact(request):
                        waiting.renew()
                        offset_bytes += len(response.chunk)
                        yield response.chunk
                    return
            except ServiceError as error:
                await waiting.pause(error)

    async def read_all(self, uri: str) -> bytes:
        """Returns an artifact that is small enough to be held in memory."""
        return b"".join([chunk async for chunk in self.read(uri)])

    async def read_message(self, uri: str, message_type: type[M]) -> M:
        """Returns a document that a service stored as JSON."""
        text = (await self.read_all(uri)).decode()
        return json_format.Parse(text, message_type(), ignore_unknown_fields=True)

    async def download(self, uri: str, path: Path) -> None:
        """Writes an artifact to a file, which appears when it is complete."""
        partial = path.with_name(f".{sha256_in(uri) or 'download'}.partial")
        try:
            with partial.open("wb") as file:
                async for chunk in self.read(uri):
                    await asyncio.to_thread(file.write, chunk)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    async def _send(
        self, path: Path, header: pb.ImportRecordingHeader, progress: Progress, waiting: Patience
    ) -> pb.Recording:
        with translated():
            known = await self._stub.GetImport(pb.GetImportRequest(sha256=header.sha256))
        waiting.renew()
        header.offset_bytes = known.received_bytes
        messages = _messages(path, header, progress, sends_bytes=not known.complete)
        with translated(), sending(messages) as sent:
            answer = await self._stub.ImportRecording(sent)
        progress(1.0)
        return answer.recording


async def _messages(
    path: Path, header: pb.ImportRecordingHeader, progress: Progress, *, sends_bytes: bool
) -> AsyncGenerator[pb.ImportRecordingRequest, None]:
    """Yields the header, then the rest of the file."""
    yield pb.ImportRecordingRequest(header=header)
    if not sends_bytes:
        return
    sent_bytes = header.offset_bytes
    async with aclosing(chunks_of(path, sent_bytes)) as chunks:
        async for chunk in chunks:
            yield pb.ImportRecordingRequest(chunk=chunk)
            sent_bytes += len(chunk)
            progress(sent_bytes / header.size_bytes)


def _rising(progress: Progress) -> Progress:
    """Returns `progress`, told only of what is further than all before."""
    furthest = 0.0

    def tell(ratio: float) -> None:
        nonlocal furthest
        if ratio > furthest:
            furthest = ratio
            progress(ratio)

    return tell


def sha256_in(uri: str) -> str:
    """Returns the SHA-256 that a blob's URI names, or an empty text for another URI."""
    key = key_of(uri)
    return key.removeprefix(CONTENT_KEYS) if key.startswith(CONTENT_KEYS) else ""


def _unfinished(method: str) -> UnavailableError:
    return UnavailableError(f"{method} ended without a result: try again.", reason="NO_RESULT")
