"""AudioQcService over gRPC: translation only."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc

from services.audio_qc.grade_audio import GradeAudio
from services.audio_qc.prepare_audio import PrepareAudio
from services.chassis.progress_stream import progress_stream
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as pb
from ttstrainer.audio_qc.v1.audio_qc_service_pb2_grpc import AudioQcServiceServicer

Context = grpc.aio.ServicerContext[Any, Any]


class AudioQcServicer(AudioQcServiceServicer):
    """Answers the RPCs with the use cases."""

    def __init__(self, grading: GradeAudio, preparation: PrepareAudio) -> None:
        """Takes what it needs, made by the composition root."""
        self._grading = grading
        self._preparation = preparation

    async def GradeAudio(
        self, request: pb.GradeAudioRequest, context: Context
    ) -> pb.GradeAudioResponse:
        """See the contract."""
        return pb.GradeAudioResponse(grade=await self._grading.grade(request))

    async def PrepareAudio(
        self, request: pb.PrepareAudioRequest, context: Context
    ) -> AsyncIterator[pb.PrepareAudioResponse]:
        """See the contract."""
        stream = progress_stream(
            lambda progress: self._preparation.prepare(request, progress),
            as_progress=lambda ratio: pb.PrepareAudioResponse(progress_ratio=ratio),
            as_result=lambda prepared: pb.PrepareAudioResponse(prepared=prepared),
        )
        async with aclosing(stream):
            async for response in stream:
                yield response
