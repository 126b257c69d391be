"""What a client asks of audio-qc and transcription: the stages between audio and a dataset."""

from collections.abc import Callable

from gateway.client.media import Progress
from gateway.client.retrying import Patience, streamed_patiently
from services.chassis.errors import UnavailableError
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as qc
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2_grpc as qc_rpc
from ttstrainer.transcription.v1 import transcription_service_pb2 as asr
from ttstrainer.transcription.v1 import transcription_service_pb2_grpc as asr_rpc


class AudioQcClient:
    """Prepares audio."""

    def __init__(
        self, stub: qc_rpc.AudioQcServiceStub, patience: Callable[[], Patience] = Patience
    ) -> None:
        """Talks through `stub`, and is as patient as `patience()` with a silent service."""
        self._stub = stub
        self._patience = patience

    async def prepare(
        self, request: qc.PrepareAudioRequest, progress: Progress
    ) -> qc.PreparedAudio:
        """Cuts audio into graded clips of one speaker."""
        calls = streamed_patiently(lambda: self._stub.PrepareAudio(request), self._patience)
        async for response in calls:
            if response.HasField("prepared"):
                return response.prepared
            progress(response.progress_ratio)
        raise _unfinished("PrepareAudio")


class TranscriptionClient:
    """Writes down what is said, and verifies it."""

    def __init__(
        self,
        stub: asr_rpc.TranscriptionServiceStub,
        patience: Callable[[], Patience] = Patience,
    ) -> None:
        """Talks through `stub`, and is as patient as `patience()` with a silent service."""
        self._stub = stub
        self._patience = patience

    async def transcribe(
        self, request: asr.TranscribeAudioRequest, progress: Progress
    ) -> asr.Transcript:
        """Writes down what is said in the accepted clips."""
        calls = streamed_patiently(lambda: self._stub.TranscribeAudio(request), self._patience)
        async for response in calls:
            if response.HasField("transcript"):
                return response.transcript
            if response.HasField("progress_ratio"):
                progress(response.progress_ratio)
        raise _unfinished("TranscribeAudio")

    async def verify(
        self, request: asr.VerifyTranscriptRequest, progress: Progress
    ) -> asr.VerifiedTranscript:
        """Gives the text of each clip a verdict."""
        calls = streamed_patiently(lambda: self._stub.VerifyTranscript(request), self._patience)
        async for response in calls:
            if response.HasField("verified"):
                return response.verified
            progress(response.progress_ratio)
        raise _unfinished("VerifyTranscript")


def _unfinished(method: str) -> UnavailableError:
    return UnavailableError(f"{method} ended without a result: try again.", reason="NO_RESULT")
