"""The steps of a run that this service works on."""

from services.chassis.work import Progress, WorkHandler
from services.transcription.transcribing import Transcriber
from services.transcription.verifying import Verifier
from services.transcription.wire import TRANSCRIBE, VERIFY
from ttstrainer.transcription.v1 import transcription_events_pb2 as events
from ttstrainer.transcription.v1 import transcription_service_pb2 as pb


def handlers(transcriber: Transcriber, verifier: Verifier) -> tuple[WorkHandler, ...]:
    """Returns what runs when a request comes from the queue."""

    async def transcribe(
        request: pb.TranscribeAudioRequest, progress: Progress
    ) -> events.AudioTranscribed:
        transcript = await transcriber.transcribe(request, progress, lambda _: None)
        return events.AudioTranscribed(transcript=transcript)

    async def verify(
        request: pb.VerifyTranscriptRequest, progress: Progress
    ) -> events.TranscriptVerified:
        return events.TranscriptVerified(verified=await verifier.verify(request, progress))

    return (
        WorkHandler(TRANSCRIBE, pb.TranscribeAudioRequest, transcribe),
        WorkHandler(VERIFY, pb.VerifyTranscriptRequest, verify),
    )
