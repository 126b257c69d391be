"""The use case TranscribeAudio: what is said in each clip of a recording."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from threading import Event

from services.chassis.artifacts import ArtifactStore, key_of
from services.chassis.blobs import add_message, read_message
from services.chassis.errors import InvalidInputError
from services.chassis.steps import Step, StepResults
from services.chassis.work import Progress
from services.speech.vad import SILERO_SHA256
from services.transcription.cuts import Cut, speech_cuts
from services.transcription.decoding import Decoder
from services.transcription.languages import checked_code, checked_tag, mean_probability
from services.transcription.listening import checked_info, mono_blocks
from services.transcription.reading import content_id
from services.transcription.recognisers import Recognisers
from services.transcription.recognition import Decoding, RecogniserDescription, SpeechDetector
from services.transcription.settings import TranscriptionSettings
from services.transcription.subtitle_alignment import Heard, aligned_texts
from services.transcription.subtitles import Cue, parsed
from services.transcription.wire import (
    TRANSCRIBE,
    accepted_cuts,
    clip_transcript,
    recogniser_info,
    segment_message,
)
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as qc
from ttstrainer.transcription.v1 import transcription_service_pb2 as pb

REVISION = 2

MAX_SUBTITLE_BYTES = 16 * 1024 * 1024

OnSegment = Callable[[pb.Segment], None]


@dataclass(frozen=True, slots=True)
class Transcriber:
    """Writes down what is said."""

    store: ArtifactStore
    steps: StepResults
    recognisers: Recognisers
    vad: SpeechDetector
    settings: TranscriptionSettings

    async def transcribe(
        self, request: pb.TranscribeAudioRequest, progress: Progress, on_segment: OnSegment
    ) -> pb.Transcript:
        """Returns the transcript; `on_segment` hears of each segment while it is computed.

        Raises NotFoundError, InvalidInputError and ConflictError as the contract says.
        """
        checked_tag(request.language_code)
        audio_id = await content_id(self.store, request.audio_uri, field="audio_uri")
        description = await self.recognisers.describe(request.model)
        step = Step(
            method=TRANSCRIBE,
            revision=REVISION,
            parameters={
                "language_code": request.language_code,
                "model": description.model,
                "vocabulary_hint": request.vocabulary_hint,
                "beam_size": self.settings.beam_size,
                "batch_size": self.settings.batch_size,
                "max_cut_seconds": 0 if request.clips_uri else self.settings.max_cut_seconds,
            },
            inputs=(
                request.recording_id,
                audio_id,
                await self._optional_id(request.clips_uri, field="clips_uri"),
                await self._optional_id(request.subtitles_uri, field="subtitles_uri"),
            ),
            models=_models(description),
        )
        order = _Order(request, request.recording_id or audio_id, description)

        async def compute() -> pb.Transcript:
            async with self.store.opened(key_of(request.audio_uri, field="audio_uri")) as path:
                return await self._computed(order, path, progress, on_segment)

        return await self.steps.once(step, pb.Transcript, compute)

    async def _optional_id(self, uri: str, *, field: str) -> str:
        return await content_id(self.store, uri, field=field) if uri else ""

    async def _computed(
        self, order: "_Order", path: Path, progress: Progress, on_segment: OnSegment
    ) -> pb.Transcript:
        request = order.request
        cues = await self._cues(request.subtitles_uri)
        cuts = await self._cuts(order.recording_id, path, request.clips_uri)
        recogniser = await self.recognisers.get(request.model)
        decoding = Decoding(self.settings.beam_size, request.vocabulary_hint)
        decoder = Decoder(recogniser, self.vad, decoding, self.settings.batch_size)
        language = await self._language(order, decoder, path, cuts)
        heard: list[Heard] = []
        async for cut, recognition in decoder.decoded(path, cuts, language):
            heard.append((cut, recognition))
            for segment in recognition.segments:
                on_segment(segment_message(segment))
            progress(len(heard) / len(cuts))
        texts: Sequence[str | None] = [None] * len(heard)
        if request.subtitles_uri:
            texts = await asyncio.to_thread(aligned_texts, cues, heard, language=language)
        clips = [clip_transcript(*each, text) for each, text in zip(heard, texts, strict=True)]
        tag = request.language_code or language
        document = pb.TranscriptDocument(
            recording_id=order.recording_id, language_code=tag, clips=clips
        )
        blob = await add_message(self.store, document)
        languages = [recognition.language_probabilities for _, recognition in heard]
        return pb.Transcript(
            recording_id=order.recording_id,
            transcript_uri=blob.uri,
            language_code=tag,
            language_probability=round(mean_probability(languages, language), 4),
            recogniser=recogniser_info(order.description),
            clip_count=sum(1 for clip in clips if clip.text),
            word_count=sum(len(clip.text.split()) for clip in clips),
            speech_seconds=round(sum(cut.duration_seconds for cut in cuts), 3),
            from_subtitles=bool(request.subtitles_uri),
        )

    async def _language(
        self, order: "_Order", decoder: Decoder, path: Path, cuts: Sequence[Cut]
    ) -> str:
        known = decoder.recogniser.languages
        tag = order.request.language_code
        if tag:
            return checked_code(tag, known, model=order.description.model)
        if len(known) == 1:
            return min(known)
        language, _ = await decoder.detected_language(path, cuts)
        return language or "en"

    async def _cues(self, uri: str) -> list[Cue]:
        if not uri:
            return []
        key = key_of(uri, field="subtitles_uri")
        info = await self.store.stat(key)
        if info and info.size_bytes > MAX_SUBTITLE_BYTES:
            raise InvalidInputError(
                f"The transcript has {info.size_bytes} bytes, more than {MAX_SUBTITLE_BYTES}: "
                "give an SRT or WebVTT file.",
                reason="INVALID_SUBTITLES",
                field="subtitles_uri",
            )
        return await asyncio.to_thread(parsed, await self.store.read(key))

    async def _cuts(self, recording_id: str, path: Path, clips_uri: str) -> list[Cut]:
        if clips_uri:
            return accepted_cuts(await read_message(self.store, clips_uri, qc.ClipSet))
        stopped = Event()
        try:
            return await asyncio.to_thread(self._cut_at_pauses, recording_id, path, stopped)
        finally:
            stopped.set()

    def _cut_at_pauses(self, recording_id: str, path: Path, stopped: Event) -> list[Cut]:
        info = checked_info(path)
        heard = takewhile(lambda _: not stopped.is_set(), mono_blocks(path, info.sample_rate_hertz))
        probabilities = self.vad.probabilities(heard)
        spans = speech_cuts(
            probabilities,
            duration_seconds=info.duration_seconds,
            max_seconds=self.settings.max_cut_seconds,
        )
        rate = info.sample_rate_hertz
        return [Cut(f"{recording_id}-{round(start * rate)}", start, end) for start, end in spans]


@dataclass(frozen=True, slots=True)
class _Order:
    """One request, with what it leaves open filled in."""

    request: pb.TranscribeAudioRequest
    recording_id: str
    description: RecogniserDescription


def _models(description: RecogniserDescription) -> dict[str, str]:
    arithmetic = f"{description.device}:{description.compute_type}"
    return {"whisper": f"{description.model_sha256}:{arithmetic}", "silero": SILERO_SHA256}
