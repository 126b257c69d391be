"""AudioQcService over gRPC: translation only."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import grpc

from services.audio_qc.grade_audio import GradeAudio
from services.audio_qc.prepare_audio import PrepareAudio
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as pb
from ttstrainer.audio_qc.v1.audio_qc_service_pb2_grpc import AudioQcServiceServicer

PROGRESS_SECONDS = 0.25

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
        """Grades audio."""
        return pb.GradeAudioResponse(grade=await self._grading.grade(request, _ignored))

    async def PrepareAudio(
        self, request: pb.PrepareAudioRequest, context: Context
    ) -> AsyncIterator[pb.PrepareAudioResponse]:
        """Prepares audio, telling several times a second how far it is."""
        done = 0.0

        def progress(fraction: float) -> None:
            nonlocal done
            done = max(done, fraction)

        told = -1.0
        work = asyncio.ensure_future(self._preparation.prepare(request, progress))
        try:
            while not (await asyncio.wait([work], timeout=PROGRESS_SECONDS))[0]:
                if done > told:
                    told = done
                    yield pb.PrepareAudioResponse(progress_ratio=told)
            yield pb.PrepareAudioResponse(prepared=work.result())
        finally:
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([work])


def _ignored(_fraction: float) -> None:
    """Takes the progress of an RPC that tells nobody."""
