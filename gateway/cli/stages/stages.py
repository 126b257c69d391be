"""Leads one recording through the stages, each a call of its service, with what is there kept."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from gateway.cli.datasets.summary import clock
from gateway.cli.importing import Imported, LeftOut
from gateway.cli.reporter import Reporter
from gateway.cli.runs.run_options import StageOptions
from gateway.cli.stages.files import restored_uri
from gateway.cli.stages.sidecar import Sidecar
from gateway.cli.stages.subtitles import subtitles_beside
from gateway.client.client import Client
from services.chassis.errors import InvalidInputError, ServiceError
from ttstrainer.audio_qc.v1.audio_qc_service_pb2 import PreparedAudio
from ttstrainer.dataset.v1.dataset_service_pb2 import RecordingInput
from ttstrainer.media.v1.media_service_pb2 import ExtractAudioRequest, ExtractedAudio
from ttstrainer.transcription.v1.transcription_service_pb2 import (
    TranscribeAudioRequest,
    Transcript,
    VerifiedTranscript,
    VerifyTranscriptRequest,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stages:
    """Runs stages on recordings, one recording at a time or several at once."""

    client: Client
    reporter: Reporter
    options: StageOptions
    reference_audio_uri: str = ""
    with_subtitles: bool = True
    _at: dict[str, str] = field(default_factory=dict)
    """The stage that each recording is in, by its id."""

    async def attempt(
        self, recording: Imported, work: Callable[[Imported], Awaitable[T]]
    ) -> T | LeftOut:
        """Does `work` on a recording; when a stage refuses it, it is left out with the reason."""
        try:
            return await work(recording)
        except ServiceError as error:
            name = recording.sidecar.display_name
            stage = self._at.get(recording.recording.recording_id, "read")
            self.reporter.failed(name, stage, error.reason, error.message)
            return LeftOut(name, stage, error.reason, error.message)

    async def extract(self, recording: Imported) -> ExtractedAudio:
        """Takes the audio out of the recording."""
        self._enter(recording, "extract")
        sidecar, name = recording.sidecar, recording.sidecar.display_name
        recording_id = recording.recording.recording_id
        sidecar.media = await self.client.media.probe(recording_id)
        request = ExtractAudioRequest(recording_id=recording_id)
        if self.options.language and _has_track(sidecar, self.options.language):
            request.language_code = self.options.language
        audio = await self.client.media.extract_audio(request, self._progress(name, "extract"))
        sidecar.extracted = audio
        seconds = audio.sample_count / audio.sample_rate_hertz
        self.reporter.finished(name, "extract", f"{clock(seconds)}, {audio.sample_rate_hertz} Hz")
        return audio

    async def prepare(self, recording: Imported) -> PreparedAudio:
        """Cuts the recording's audio into graded clips."""
        sidecar, name = recording.sidecar, recording.sidecar.display_name
        extracted = sidecar.extracted or await self.extract(recording)
        self._enter(recording, "prepare")
        uri = await self._restored(recording, "extracted_audio", extracted.audio_uri, edited=True)
        request = self.options.for_preparation(
            recording.recording.recording_id, uri, self.reference_audio_uri
        )
        prepared = await self.client.audio_qc.prepare(request, self._progress(name, "prepare"))
        sidecar.prepared = prepared
        detail = (
            f"{prepared.accepted_count} clips, {clock(prepared.accepted_seconds)}; "
            f"{prepared.rejected_count} rejected"
        )
        self.reporter.finished(name, "prepare", detail)
        return prepared

    async def transcribe(self, recording: Imported) -> tuple[Transcript, VerifiedTranscript]:
        """Writes down what is said in the clips, and verifies it."""
        sidecar, name = recording.sidecar, recording.sidecar.display_name
        prepared = sidecar.prepared or await self.prepare(recording)
        self._enter(recording, "transcribe")
        if prepared.accepted_count == 0:
            message = "No clip of it can be used; `tts-trainer preprocess-audio` writes down why."
            raise InvalidInputError(message, reason="NO_USABLE_SPEECH")
        request = TranscribeAudioRequest(
            recording_id=recording.recording.recording_id,
            audio_uri=await self._restored(recording, "prepared_audio", prepared.audio_uri),
            clips_uri=await self._restored(recording, "clips", prepared.clips_uri),
            language_code=self.options.language,
            model=self.options.model,
            subtitles_uri=await self._subtitles(recording.path),
        )
        transcript = await self.client.transcription.transcribe(
            request, self._progress(name, "transcribe")
        )
        sidecar.transcript = transcript
        words = f"{transcript.word_count} words, {transcript.language_code}"
        self.reporter.finished(name, "transcribe", words)
        return transcript, await self._verify(recording, request, transcript.transcript_uri)

    async def _verify(
        self, recording: Imported, transcribed: TranscribeAudioRequest, transcript_uri: str
    ) -> VerifiedTranscript:
        self._enter(recording, "verify")
        sidecar, name = recording.sidecar, recording.sidecar.display_name
        verified = await self.client.transcription.verify(
            VerifyTranscriptRequest(
                recording_id=transcribed.recording_id,
                audio_uri=transcribed.audio_uri,
                clips_uri=transcribed.clips_uri,
                transcript_uri=transcript_uri,
                language_code=self.options.language,
                model=self.options.model,
            ),
            self._progress(name, "verify"),
        )
        sidecar.verified = verified
        total = verified.accepted_count + verified.rejected_count
        self.reporter.finished(name, "verify", f"{verified.accepted_count} of {total} trusted")
        return verified

    async def ready_for_dataset(self, recording: Imported) -> RecordingInput:
        """Does what has not been done yet, and returns the recording as BuildDataset takes it."""
        sidecar = recording.sidecar
        if sidecar.transcript is None or sidecar.verified is None:
            await self.transcribe(recording)
        prepared, transcript, verified = sidecar.prepared, sidecar.transcript, sidecar.verified
        if prepared is None or transcript is None or verified is None:
            message = "Its sidecar is incomplete: run `tts-trainer transcribe` on it again."
            raise InvalidInputError(message, reason="INCOMPLETE_SIDECAR")
        self._enter(recording, "build")
        target = next((speaker for speaker in prepared.speakers if speaker.is_target), None)
        return RecordingInput(
            recording_id=recording.recording.recording_id,
            display_name=sidecar.display_name,
            audio_uri=await self._restored(recording, "prepared_audio", prepared.audio_uri),
            clips_uri=await self._restored(recording, "clips", prepared.clips_uri),
            transcript_uri=await self._restored(
                recording, "transcript", transcript.transcript_uri, edited=True
            ),
            verdicts_uri=await self._restored(recording, "verdicts", verified.verdicts_uri),
            duration_seconds=sidecar.duration_seconds,
            missing_seconds=sidecar.extracted.missing_seconds if sidecar.extracted else 0.0,
            speaker_embedding=target.embedding if target else (),
        )

    async def _subtitles(self, recording: Path) -> str:
        found = subtitles_beside(recording) if self.with_subtitles else None
        if found is None:
            return ""
        return (await self.client.media.import_recording(found, lambda _: None)).recording_uri

    async def _restored(
        self, recording: Imported, kind: str, uri: str, *, edited: bool = False
    ) -> str:
        name = recording.sidecar.files.get(kind)
        folder = recording.path.parent
        return await restored_uri(self.client.media, uri, folder, name, may_differ=edited)

    def _enter(self, recording: Imported, stage: str) -> None:
        self._at[recording.recording.recording_id] = stage

    def _progress(self, name: str, stage: str) -> Callable[[float], None]:
        return lambda ratio: self.reporter.progress(name, stage, ratio)


def _has_track(sidecar: Sidecar, language_code: str) -> bool:
    streams = sidecar.media.streams if sidecar.media else ()
    return any(stream.language_code == language_code for stream in streams)
