"""Registering dropped objects as recordings, at MediaService."""

from typing import Protocol

import grpc

from services.chassis.channel import error_of
from ttstrainer.media.v1 import media_service_pb2 as media
from ttstrainer.media.v1 import media_service_pb2_grpc as media_grpc

__all__ = ["MediaRegistrar", "Registrar"]

DEADLINE_SECONDS = 3600.0
"""A long film on a slow store takes its time to be read."""


class Registrar(Protocol):
    """Whoever turns an object of the store into a recording."""

    async def register(self, source_uri: str, display_name: str) -> str:
        """Returns the recording's id.

        Raises NotFoundError when the object has gone, InvalidInputError when it can be no
        recording, UnavailableError when nobody answers.
        """


class MediaRegistrar:
    """Registrar over gRPC."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        """Calls the MediaService at the other end of `channel`."""
        self._media = media_grpc.MediaServiceStub(channel)

    async def register(self, source_uri: str, display_name: str) -> str:
        """See Registrar."""
        request = media.RegisterRecordingRequest(source_uri=source_uri, display_name=display_name)
        try:
            response = await self._media.RegisterRecording(request, timeout=DEADLINE_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise error_of(error) from error
        return response.recording.recording_id
