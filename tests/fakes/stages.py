"""Workers for every stage that answer as scripted: the other services, as a run sees them."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from google.protobuf.message import Message

from services.chassis.work import Progress, WorkHandler
from services.pipeline.run_model import METHODS, Stage
from ttstrainer.audio_qc.v1 import audio_qc_events_pb2, audio_qc_service_pb2
from ttstrainer.dataset.v1 import dataset_events_pb2, dataset_service_pb2
from ttstrainer.media.v1 import media_events_pb2, media_service_pb2
from ttstrainer.transcription.v1 import transcription_events_pb2, transcription_service_pb2

REQUESTS: dict[Stage, type[Message]] = {
    Stage.PROBE: media_service_pb2.ProbeMediaRequest,
    Stage.EXTRACT: media_service_pb2.ExtractAudioRequest,
    Stage.PREPARE: audio_qc_service_pb2.PrepareAudioRequest,
    Stage.TRANSCRIBE: transcription_service_pb2.TranscribeAudioRequest,
    Stage.VERIFY: transcription_service_pb2.VerifyTranscriptRequest,
    Stage.BUILD: dataset_service_pb2.BuildDatasetRequest,
}

Disturbance = Callable[[Progress], Awaitable[None]]


@dataclass
class Stages:
    """Answers at once, unless a step has a disturbance: what happens before it answers."""

    disturbances: dict[tuple[Stage, str], Disturbance] = field(default_factory=dict)
    """By stage and recording id (empty for the build)."""
    calls: Counter[tuple[Stage, str]] = field(default_factory=Counter)
    requests: list[Message] = field(default_factory=list)

    def handlers(self, *stages: Stage) -> list[WorkHandler]:
        """Handlers of these stages; of all when none is named."""
        return [self._handler(stage) for stage in stages or tuple(Stage)]

    def _handler(self, stage: Stage) -> WorkHandler:
        async def handle(request: Message, progress: Progress) -> Message:
            recording_id = getattr(request, "recording_id", "")
            self.calls[stage, recording_id] += 1
            self.requests.append(request)
            if disturbance := self.disturbances.get((stage, recording_id)):
                await disturbance(progress)
            return answer_to(stage, request)

        return WorkHandler(METHODS[stage], REQUESTS[stage], handle)


def raising(error: Exception, *, times: int = 1_000_000) -> Disturbance:
    """Fails a step, so many times."""
    left = [times]

    async def disturb(progress: Progress) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise error

    return disturb


class Held:
    """Holds a step until it is let go, and knows whether it was cancelled meanwhile."""

    def __init__(self, fraction: float = 0.5) -> None:
        """Reports `fraction` as progress when the step begins."""
        self.fraction = fraction
        self.begun = asyncio.Event()
        self.let_go = asyncio.Event()
        self.was_cancelled = False

    async def __call__(self, progress: Progress) -> None:
        """The disturbance."""
        progress(self.fraction)
        self.begun.set()
        try:
            await self.let_go.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise


def answer_to(stage: Stage, request: Message) -> Message:
    """What a service would publish when all is well."""
    recording_id = getattr(request, "recording_id", "")
    match stage:
        case Stage.PROBE:
            return _probed(recording_id)
        case Stage.EXTRACT:
            audio = media_service_pb2.ExtractedAudio(
                recording_id=recording_id,
                audio_uri=f"artifact://blobs/{recording_id}",
                sample_rate_hertz=48_000,
                sample_count=60 * 48_000,
            )
            return media_events_pb2.AudioExtracted(audio=audio)
        case Stage.PREPARE:
            return _prepared(recording_id)
        case Stage.TRANSCRIBE:
            transcript = transcription_service_pb2.Transcript(
                recording_id=recording_id,
                transcript_uri=f"artifact://blobs/text-{recording_id}",
                language_code="en",
                word_count=120,
            )
            return transcription_events_pb2.AudioTranscribed(transcript=transcript)
        case Stage.VERIFY:
            verified = transcription_service_pb2.VerifiedTranscript(
                recording_id=recording_id,
                verdicts_uri=f"artifact://blobs/verdicts-{recording_id}",
                accepted_count=9,
                rejected_count=1,
            )
            return transcription_events_pb2.TranscriptVerified(verified=verified)
        case _:
            return _built(request)


def _probed(recording_id: str) -> Message:
    stream = media_service_pb2.MediaStream(
        kind=media_service_pb2.STREAM_KIND_AUDIO,
        codec="aac",
        sample_rate_hertz=48_000,
        channel_count=2,
    )
    media = media_service_pb2.MediaInfo(
        recording_id=recording_id, container="mov,mp4", duration_seconds=60, streams=[stream]
    )
    return media_events_pb2.MediaProbed(media=media)


def _prepared(recording_id: str) -> Message:
    speaker = audio_qc_service_pb2.Speaker(is_target=True, embedding=[0.6, 0.8])
    prepared = audio_qc_service_pb2.PreparedAudio(
        recording_id=recording_id,
        audio_uri=f"artifact://blobs/wav-{recording_id}",
        clips_uri=f"artifact://blobs/clips-{recording_id}",
        accepted_count=10,
        rejected_count=2,
        accepted_seconds=45,
        speech_seconds=50,
        speakers=[speaker],
    )
    return audio_qc_events_pb2.AudioPrepared(prepared=prepared)


def _built(request: Message) -> Message:
    assert isinstance(request, dataset_service_pb2.BuildDatasetRequest)
    ids = "".join(each.recording_id for each in request.recordings)
    dataset = dataset_service_pb2.Dataset(
        dataset_id=request.dataset_id,
        version=1,
        digest="sha256:" + hashlib.sha256(ids.encode()).hexdigest(),
        summary=dataset_service_pb2.DatasetSummary(
            kept_count=9 * len(request.recordings), kept_seconds=40.0 * len(request.recordings)
        ),
    )
    return dataset_events_pb2.DatasetBuilt(dataset=dataset)
