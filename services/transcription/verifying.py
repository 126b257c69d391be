"""The use case VerifyTranscript: whether the text of each clip is what is said in it."""

import asyncio
from dataclasses import dataclass, fields
from pathlib import Path

from services.chassis.artifacts import ArtifactStore, key_of
from services.chassis.blobs import add_message, read_message
from services.chassis.steps import Step, StepResults
from services.chassis.work import Progress
from services.transcription.edges import cut_edge_level
from services.transcription.languages import checked_tag, whisper_code
from services.transcription.listening import read
from services.transcription.reading import content_id
from services.transcription.recognisers import Recognisers
from services.transcription.recognition import Samples
from services.transcription.settings import TranscriptionSettings
from services.transcription.verdict import Evidence, Reason, Thresholds, reasons
from services.transcription.wire import VERIFY, recognition_of
from ttstrainer.transcription.v1 import transcription_service_pb2 as pb

REVISION = 1


@dataclass(frozen=True, slots=True)
class Verifier:
    """Judges transcripts."""

    store: ArtifactStore
    steps: StepResults
    recognisers: Recognisers
    settings: TranscriptionSettings

    async def verify(
        self, request: pb.VerifyTranscriptRequest, progress: Progress
    ) -> pb.VerifiedTranscript:
        """Returns the verdicts; raises as the contract says."""
        checked_tag(request.language_code)
        description = await self.recognisers.describe(request.model)
        limits = thresholds(self.settings)
        step = Step(
            method=VERIFY,
            revision=REVISION,
            parameters={
                "language_code": request.language_code,
                "cut_word_seconds": self.settings.cut_word_seconds,
                **{field.name: getattr(limits, field.name) for field in fields(limits)},
            },
            inputs=(
                request.recording_id,
                await content_id(self.store, request.audio_uri, field="audio_uri"),
                await content_id(self.store, request.transcript_uri, field="transcript_uri"),
            ),
            models={"whisper": f"{description.model_sha256}:{description.compute_type}"},
        )

        async def compute() -> pb.VerifiedTranscript:
            document = await read_message(self.store, request.transcript_uri, pb.TranscriptDocument)
            async with self.store.opened(key_of(request.audio_uri, field="audio_uri")) as path:
                return await self._computed(path, request, document, limits, progress)

        return await self.steps.once(step, pb.VerifiedTranscript, compute)

    async def _computed(
        self,
        path: Path,
        request: pb.VerifyTranscriptRequest,
        document: pb.TranscriptDocument,
        limits: Thresholds,
        progress: Progress,
    ) -> pb.VerifiedTranscript:
        verdicts: list[pb.ClipVerdict] = []
        for clip in document.clips:
            verdicts.append(await self._verdict(path, request, clip, limits))
            progress(len(verdicts) / len(document.clips))
        blob = await add_message(
            self.store, pb.VerdictDocument(recording_id=document.recording_id, clips=verdicts)
        )
        accepted = sum(1 for verdict in verdicts if verdict.accepted)
        return pb.VerifiedTranscript(
            recording_id=document.recording_id,
            verdicts_uri=blob.uri,
            accepted_count=accepted,
            rejected_count=len(verdicts) - accepted,
            second_decoding_count=sum(
                1 for v in verdicts if v.HasField("second_decoding_word_error_rate")
            ),
        )

    async def _verdict(
        self,
        path: Path,
        request: pb.VerifyTranscriptRequest,
        clip: pb.ClipTranscript,
        limits: Thresholds,
    ) -> pb.ClipVerdict:
        samples = await asyncio.to_thread(read, path, clip.start_seconds, clip.end_seconds)
        wanted = whisper_code(request.language_code) if request.language_code else ""
        found = reasons(
            self._evidence(clip, samples), limits, wanted_language=wanted, second_text=None
        )
        return _verdict_message(clip, found)

    def _evidence(self, clip: pb.ClipTranscript, samples: Samples) -> Evidence:
        heard = recognition_of(clip)
        return Evidence(
            text=clip.text,
            recognised_text=clip.recognised_text or clip.text,
            duration_seconds=clip.end_seconds - clip.start_seconds,
            confidence=clip.confidence,
            lowest_word_confidence=min((w.confidence for w in heard.words), default=0.0),
            no_speech_probability=clip.no_speech_probability,
            language=clip.language_code,
            language_probability=clip.language_probability,
            cut_edge_level_decibels=cut_edge_level(
                samples,
                heard,
                start_seconds=clip.start_seconds,
                closeness_seconds=self.settings.cut_word_seconds,
            ),
        )


def thresholds(settings: TranscriptionSettings) -> Thresholds:
    """Returns the limits that the settings name."""
    return Thresholds(**{field.name: getattr(settings, field.name) for field in fields(Thresholds)})


def _verdict_message(clip: pb.ClipTranscript, found: list[Reason]) -> pb.ClipVerdict:
    return pb.ClipVerdict(
        clip_id=clip.clip_id,
        accepted=not found,
        reasons=[pb.VerdictReason(code=each.code, message=each.message) for each in found],
    )
