"""The use case VerifyTranscript: whether the text of each clip is what is said in it."""

import asyncio
from dataclasses import dataclass, fields, replace
from pathlib import Path

from services.chassis.artifacts import ArtifactStore, key_of
from services.chassis.blobs import add_message, read_message
from services.chassis.errors import ConflictError
from services.chassis.steps import Step, StepResults
from services.chassis.work import Progress
from services.speech.text import word_error_rate
from services.transcription.edges import cut_edge_level
from services.transcription.heard_languages import HeardLanguages
from services.transcription.languages import checked_tag, whisper_code
from services.transcription.listening import read
from services.transcription.metrics import count_verdicts
from services.transcription.reading import content_id
from services.transcription.recognisers import Recognisers
from services.transcription.recognition import Samples
from services.transcription.second_opinion import SecondOpinion
from services.transcription.settings import TranscriptionSettings
from services.transcription.verdict import (
    Evidence,
    Thresholds,
    disagreement_reasons,
    is_doubtful,
    reasons,
)
from services.transcription.wire import VERIFY, recognition_of, verdict_message
from ttstrainer.transcription.v1 import transcription_service_pb2 as pb

REVISION = 3
LANGUAGE_SHARE = 0.3
"""Of the time that verifying takes, for the progress."""


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
            models={
                "whisper": f"{description.model_sha256}:{description.device}:"
                f"{description.compute_type}",
                "language": await self._language_model(),
            },
        )

        async def compute() -> pb.VerifiedTranscript:
            document = await read_message(self.store, request.transcript_uri, pb.TranscriptDocument)
            async with self.store.opened(key_of(request.audio_uri, field="audio_uri")) as path:
                return await self._computed(path, request, document, limits, progress)

        return await self.steps.once(step, pb.VerifiedTranscript, compute)

    async def _language_model(self) -> str:
        """Returns the sha256 of the model that tells languages, which is optional."""
        try:
            description = await self.recognisers.describe(
                self.settings.language_model, installed_only=True
            )
        except ConflictError:
            return ""
        return description.model_sha256

    async def _computed(
        self,
        path: Path,
        request: pb.VerifyTranscriptRequest,
        document: pb.TranscriptDocument,
        limits: Thresholds,
        progress: Progress,
    ) -> pb.VerifiedTranscript:
        spoken = whisper_code(document.language_code)
        wanted = whisper_code(request.language_code) if request.language_code else ""
        second_opinion = SecondOpinion(
            self.recognisers, request.model, self.settings.language_model, spoken
        )
        heard = HeardLanguages(second_opinion.languages, wanted, limits.min_language_probability)
        doubts = [clip for clip in document.clips if wanted and not clip.language_code]
        for number, clip in enumerate(doubts, start=1):
            samples = await asyncio.to_thread(read, path, clip.start_seconds, clip.end_seconds)
            if is_doubtful(self._evidence(clip, samples), limits):
                await heard.listen(clip.clip_id, samples)
            progress(LANGUAGE_SHARE * number / len(doubts))
        verdicts: list[pb.ClipVerdict] = []
        for clip in document.clips:
            samples = await asyncio.to_thread(read, path, clip.start_seconds, clip.end_seconds)
            evidence = self._evidence(clip, samples)
            if wanted and not evidence.language:
                language, probability = await heard.of_clip(clip.clip_id, samples)
                evidence = replace(evidence, language=language, language_probability=probability)
            found = reasons(evidence, limits, wanted_language=wanted)
            disagreement: float | None = None
            if not found and is_doubtful(evidence, limits):
                second = await second_opinion.text(samples)
                disagreement = word_error_rate(evidence.recognised_text, second, language=spoken)
                found = disagreement_reasons(disagreement, limits)
            verdicts.append(verdict_message(clip.clip_id, found, disagreement))
            done = len(verdicts) / len(document.clips)
            progress(LANGUAGE_SHARE + (1 - LANGUAGE_SHARE) * done)
        verified = await self._stored(document.recording_id, verdicts)
        count_verdicts(document.clips, verdicts)
        return verified

    async def _stored(
        self, recording_id: str, verdicts: list[pb.ClipVerdict]
    ) -> pb.VerifiedTranscript:
        document = pb.VerdictDocument(recording_id=recording_id, clips=verdicts)
        blob = await add_message(self.store, document)
        accepted = sum(1 for verdict in verdicts if verdict.accepted)
        return pb.VerifiedTranscript(
            recording_id=recording_id,
            verdicts_uri=blob.uri,
            accepted_count=accepted,
            rejected_count=len(verdicts) - accepted,
            second_decoding_count=sum(
                1 for each in verdicts if each.HasField("second_decoding_word_error_rate")
            ),
        )

    def _evidence(self, clip: pb.ClipTranscript, samples: Samples) -> Evidence:
        heard = recognition_of(clip)
        return Evidence(
            text=clip.text,
            recognised_text=heard.text,
            duration_seconds=clip.end_seconds - clip.start_seconds,
            confidence=clip.confidence,
            lowest_word_confidence=min((word.confidence for word in heard.words), default=0.0),
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
