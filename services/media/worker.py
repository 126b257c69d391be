"""The steps that a run can ask this service for."""

from services.chassis.work import Progress, WorkHandler
from services.media import wire
from services.media.extraction import Extraction
from services.media.probing import Probing
from ttstrainer.media.v1 import media_events_pb2 as events
from ttstrainer.media.v1 import media_service_pb2 as pb


def handlers(probing: Probing, extraction: Extraction) -> tuple[WorkHandler, ...]:
    """Returns a handler for each method that travels on the work queue."""

    async def probe(request: pb.ProbeMediaRequest, progress: Progress) -> events.MediaProbed:
        del progress  # It takes a moment.
        return events.MediaProbed(media=await probing.probe(request.recording_id))

    async def extract(request: pb.ExtractAudioRequest, progress: Progress) -> events.AudioExtracted:
        return events.AudioExtracted(audio=await extraction.extract(request, progress))

    return (
        WorkHandler(wire.PROBE_MEDIA, pb.ProbeMediaRequest, probe),
        WorkHandler(wire.EXTRACT_AUDIO, pb.ExtractAudioRequest, extract),
    )
