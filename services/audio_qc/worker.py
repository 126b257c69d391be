"""The steps that a run can ask this service for."""

from services.audio_qc import wire
from services.audio_qc.prepare_audio import PrepareAudio
from services.chassis.work import Progress, WorkHandler
from ttstrainer.audio_qc.v1 import audio_qc_events_pb2 as events
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as pb


def handlers(preparation: PrepareAudio) -> tuple[WorkHandler, ...]:
    """Returns a handler for each method that travels on the work queue."""

    async def prepare(request: pb.PrepareAudioRequest, progress: Progress) -> events.AudioPrepared:
        return events.AudioPrepared(prepared=await preparation.prepare(request, progress))

    return (WorkHandler(wire.PREPARE_AUDIO, pb.PrepareAudioRequest, prepare),)
