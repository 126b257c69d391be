"""What is said in a short recording, asked of the media and the transcription service."""

from dataclasses import dataclass
from typing import Protocol

import grpc

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import Blob, read_message
from services.chassis.channel import error_of
from services.chassis.errors import InvalidInputError
from services.dataset.consents.passing_recordings import PassingRecording, passing
from ttstrainer.media.v1 import media_service_pb2 as media_pb
from ttstrainer.media.v1.media_service_pb2_grpc import MediaServiceStub
from ttstrainer.transcription.v1 import transcription_service_pb2 as transcription_pb
from ttstrainer.transcription.v1.transcription_service_pb2_grpc import TranscriptionServiceStub

MAX_SECONDS = 60.0
DEADLINE_SECONDS = 300.0


class Listener(Protocol):
    """Whoever writes down what is said."""

    async def words_in(self, recording: bytes, language_code: str) -> str:
        """Returns the words of an audio file of at most a minute, and keeps nothing of it.

        Raises InvalidInputError when it is longer or no audio, UnavailableError when nobody
        answers.
        """


@dataclass(frozen=True, slots=True)
class SpokenWords:
    """Listener over gRPC; a recording's id is the hash of its bytes, as a blob's is."""

    store: ArtifactStore
    media: MediaServiceStub
    transcription: TranscriptionServiceStub

    async def words_in(self, recording: bytes, language_code: str) -> str:
        """See Listener."""
        try:
            async with passing(self.store, recording) as passing_recording:
                return await self._words(passing_recording, language_code)
        except grpc.aio.AioRpcError as error:
            raise error_of(error) from error

    async def _words(self, recording: PassingRecording, language_code: str) -> str:
        audio = await self._extracted(recording.blob)
        recording.derived_uris.append(audio.audio_uri)
        if audio.sample_count > MAX_SECONDS * audio.sample_rate_hertz:
            seconds = audio.sample_count / audio.sample_rate_hertz
            message = (
                f"The recording of the statement is {seconds:.0f} s long; at most "
                f"{MAX_SECONDS:g} are taken: record the statement alone."
            )
            raise InvalidInputError(message, reason="STATEMENT_TOO_LONG", field="audio_statement")
        transcript = await self._transcribed(recording.blob, audio.audio_uri, language_code)
        recording.derived_uris.append(transcript.transcript_uri)
        document = await read_message(
            self.store, transcript.transcript_uri, transcription_pb.TranscriptDocument
        )
        return " ".join(clip.text for clip in document.clips)

    async def _extracted(self, recording: Blob) -> media_pb.ExtractedAudio:
        request = media_pb.ExtractAudioRequest(recording_id=recording.sha256)
        audio = media_pb.ExtractedAudio()
        async for response in self.media.ExtractAudio(request, timeout=DEADLINE_SECONDS):
            audio = response.audio
        return audio

    async def _transcribed(
        self, recording: Blob, audio_uri: str, language_code: str
    ) -> transcription_pb.Transcript:
        """Gives no hint of the name: a recogniser that expects it hears it, or leaves it out."""
        request = transcription_pb.TranscribeAudioRequest(
            recording_id=recording.sha256,
            audio_uri=audio_uri,
            language_code=language_code,
        )
        transcript = transcription_pb.Transcript()
        calls = self.transcription.TranscribeAudio(request, timeout=DEADLINE_SECONDS)
        async for response in calls:
            transcript = response.transcript
        return transcript
