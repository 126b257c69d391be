"""The other services' events, read as facts."""

from collections import Counter
from collections.abc import Iterable

from google.protobuf.message import Message

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import read_message
from services.chassis.bus import StepContext
from services.chassis.errors import ServiceError
from services.pipeline.facts import (
    AudioTrack,
    Built,
    Extracted,
    Fact,
    Failed,
    Outcome,
    Prepared,
    Probed,
    Transcribed,
    Verified,
)
from services.pipeline.run_model import BuiltDataset, StepRef
from ttstrainer.audio_qc.v1 import audio_qc_events_pb2, audio_qc_service_pb2
from ttstrainer.dataset.v1 import dataset_events_pb2, dataset_service_pb2
from ttstrainer.media.v1 import media_events_pb2, media_service_pb2
from ttstrainer.pipeline.v1 import pipeline_events_pb2
from ttstrainer.transcription.v1 import transcription_events_pb2, transcription_service_pb2

__all__ = ["HEARD", "fact_of"]

HEARD: tuple[type[Message], ...] = (
    media_events_pb2.MediaProbed,
    media_events_pb2.AudioExtracted,
    audio_qc_events_pb2.AudioPrepared,
    transcription_events_pb2.AudioTranscribed,
    transcription_events_pb2.TranscriptVerified,
    dataset_events_pb2.DatasetBuilt,
    pipeline_events_pb2.StepFailed,
)
"""The events that move runs on."""

TOP_REASON_COUNT = 3
MAX_MESSAGE_LENGTH = 500


async def fact_of(event: Message, context: StepContext | None, store: ArtifactStore) -> Fact | None:
    """Returns what an event tells a run, or None when it belongs to none of our steps."""
    if isinstance(event, pipeline_events_pb2.StepFailed):
        context = StepContext(event.run_id, event.step_id, event.attempt)
    if context is None or not context.run_id:
        return None
    try:
        step = StepRef.parse(context.run_id, context.step_id, context.attempt)
    except ValueError:
        return None
    outcome = await _outcome_of(event, store)
    return Fact(step, outcome) if outcome else None


async def _outcome_of(event: Message, store: ArtifactStore) -> Outcome | None:
    match event:
        case audio_qc_events_pb2.AudioPrepared():
            return await _prepared(event.prepared, store)
        case transcription_events_pb2.TranscriptVerified():
            return await _verified(event.verified, store)
        case _:
            return _plain_outcome_of(event)


def _plain_outcome_of(event: Message) -> Outcome | None:
    match event:
        case pipeline_events_pb2.StepFailed():
            message = event.message[:MAX_MESSAGE_LENGTH]
            return Failed(event.reason or event.code, message, event.retryable)
        case media_events_pb2.MediaProbed():
            return _probed(event.media)
        case media_events_pb2.AudioExtracted():
            return _extracted(event.audio)
        case transcription_events_pb2.AudioTranscribed():
            return _transcribed(event.transcript)
        case dataset_events_pb2.DatasetBuilt():
            return _built(event.dataset)
        case _:
            return None


def _probed(media: media_service_pb2.MediaInfo) -> Probed:
    return Probed(
        container=media.container.split(",")[0],
        duration_seconds=media.duration_seconds,
        audio_tracks=tuple(
            AudioTrack(stream.codec, stream.sample_rate_hertz, stream.channel_count)
            for stream in media.streams
            if stream.kind == media_service_pb2.STREAM_KIND_AUDIO
        ),
    )


def _extracted(audio: media_service_pb2.ExtractedAudio) -> Extracted:
    return Extracted(
        audio_uri=audio.audio_uri,
        sample_rate_hertz=audio.sample_rate_hertz,
        sample_count=audio.sample_count,
        missing_seconds=audio.missing_seconds,
    )


async def _prepared(prepared: audio_qc_service_pb2.PreparedAudio, store: ArtifactStore) -> Prepared:
    target = next((each for each in prepared.speakers if each.is_target), None)
    top_reasons: tuple[str, ...] = ()
    if not prepared.accepted_count and prepared.rejected_count:
        top_reasons = await _clip_reasons(prepared.clips_uri, store)
    return Prepared(
        audio_uri=prepared.audio_uri,
        clips_uri=prepared.clips_uri,
        accepted_count=prepared.accepted_count,
        rejected_count=prepared.rejected_count,
        accepted_seconds=prepared.accepted_seconds,
        speech_seconds=prepared.speech_seconds,
        speaker_embedding=tuple(target.embedding) if target else (),
        top_reasons=top_reasons,
    )


def _transcribed(transcript: transcription_service_pb2.Transcript) -> Transcribed:
    return Transcribed(
        transcript_uri=transcript.transcript_uri,
        language_code=transcript.language_code,
        word_count=transcript.word_count,
    )


async def _verified(
    verified: transcription_service_pb2.VerifiedTranscript, store: ArtifactStore
) -> Verified:
    top_reasons: tuple[str, ...] = ()
    if not verified.accepted_count and verified.rejected_count:
        top_reasons = await _verdict_reasons(verified.verdicts_uri, store)
    return Verified(
        verdicts_uri=verified.verdicts_uri,
        accepted_count=verified.accepted_count,
        rejected_count=verified.rejected_count,
        top_reasons=top_reasons,
    )


def _built(dataset: dataset_service_pb2.Dataset) -> Built:
    return Built(
        BuiltDataset(
            dataset_id=dataset.dataset_id,
            version=dataset.version,
            digest=dataset.digest,
            kept_count=dataset.summary.kept_count,
            kept_seconds=dataset.summary.kept_seconds,
            rejected_count=dataset.summary.rejected_count,
        )
    )


async def _clip_reasons(uri: str, store: ArtifactStore) -> tuple[str, ...]:
    try:
        clips = await read_message(store, uri, audio_qc_service_pb2.ClipSet)
    except ServiceError:
        # The reasons only make the message better; the failure itself is known without them.
        return ()
    return _commonest(reason.code for clip in clips.clips for reason in clip.reasons)


async def _verdict_reasons(uri: str, store: ArtifactStore) -> tuple[str, ...]:
    try:
        verdicts = await read_message(store, uri, transcription_service_pb2.VerdictDocument)
    except ServiceError:
        return ()
    return _commonest(reason.code for clip in verdicts.clips for reason in clip.reasons)


def _commonest(codes: Iterable[str]) -> tuple[str, ...]:
    counts = sorted(Counter(codes).items(), key=lambda item: (-item[1], item[0]))
    return tuple(f"{code} ({count})" for code, count in counts[:TOP_REASON_COUNT])
