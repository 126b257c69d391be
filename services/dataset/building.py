"""The use case BuildDataset: from prepared, transcribed recordings to a new version."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import add_message, canonical_json, read_message
from services.chassis.errors import ConflictError, InvalidInputError
from services.chassis.steps import Step, StepResults
from services.dataset.accounting import Account, account_of
from services.dataset.assembly import Assembly, assemble
from services.dataset.candidate import Candidate
from services.dataset.consents.withdrawals import Withdrawals
from services.dataset.curation import Thresholds, curate
from services.dataset.document import candidates_in, document_of, summary_of
from services.dataset.metrics import count_candidates
from services.dataset.reviews import Review, reviews_in, with_reviews
from services.dataset.settings import DatasetSettings
from services.dataset.speakers import Voice, strangers
from services.dataset.versions import Versions, checked_dataset_id
from services.dataset.wire import candidates_of
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as audio_qc_pb
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb
from ttstrainer.transcription.v1 import transcription_service_pb2 as transcription_pb

METHOD = "ttstrainer.dataset.v1.DatasetService.BuildDataset"
REVISION = 1
CONCURRENT_READS = 8


@dataclass(frozen=True, slots=True)
class Source:
    """One recording with everything earlier stages said about it."""

    recording: pb.RecordingInput
    clips: audio_qc_pb.ClipSet
    candidates: tuple[Candidate, ...]
    language_code: str


class Building:
    """Builds versions."""

    def __init__(
        self,
        store: ArtifactStore,
        steps: StepResults,
        versions: Versions,
        settings: DatasetSettings,
        now: Callable[[], datetime],
    ) -> None:
        """Reads and writes `store`; asks `now` only for a version's time."""
        self._store = store
        self._steps = steps
        self._versions = versions
        self._withdrawals = Withdrawals(store)
        self._settings = settings
        self._now = now

    async def build(self, request: pb.BuildDatasetRequest) -> pb.Dataset:
        """Returns the newest version when nothing changed, else a new one.

        Decisions that people took on the newest version hold for clips of the same samples.
        Raises InvalidInputError for a bad id or no recordings, NotFoundError for a missing
        artifact, ConflictError when no clip is left or a consent was withdrawn.
        """
        dataset_id = checked_dataset_id(request.dataset_id)
        await self._withdrawals.refuse(dataset_id)
        if not request.recordings:
            message = "There is nothing to build from: name at least one recording."
            raise InvalidInputError(message, reason="NO_RECORDINGS", field="recordings")
        while True:
            newest = await self._versions.newest(dataset_id)
            built = await self._built(request, newest)
            if added := await self._versions.add(built, newest, self._now()):
                return added
            # Somebody else added a version meanwhile: what people decided on it holds too.

    async def _built(
        self, request: pb.BuildDatasetRequest, newest: pb.Dataset | None
    ) -> pb.Dataset:
        options = self._resolved(request.options)
        reviews = await self._reviews(newest)
        step = Step(
            METHOD,
            REVISION,
            {
                "dataset_id": request.dataset_id,
                "options": canonical_json(options).decode(),
                "max_text_characters": self._settings.max_text_characters,
                "rate_fence_width": self._settings.rate_fence_width,
                "min_speaker_similarity": self._settings.min_speaker_similarity,
                "reviews": {clip_id: repr(review) for clip_id, review in reviews.items()},
            },
            tuple(
                canonical_json(part).decode()
                for part in (*sorted(request.recordings, key=_by_id), *request.left_out)
            ),
        )

        async def compute() -> pb.Dataset:
            return await self._computed(request, options, reviews)

        return await self._steps.once(step, pb.Dataset, compute)

    async def _computed(
        self,
        request: pb.BuildDatasetRequest,
        options: pb.CurationOptions,
        reviews: Mapping[str, Review],
    ) -> pb.Dataset:
        sources = await self._sources(request.recordings)
        sample_rate_hertz = _one_sample_rate(sources)
        assembly = await asyncio.to_thread(self._assembled, sources, options, reviews)
        count_candidates(assembly.candidates)
        if not assembly.kept:
            raise _nothing_left(assembly)
        if not options.language_code:
            options.language_code = _main_language(sources)
        document = document_of(
            assembly, [source.recording for source in sources], request.left_out, options
        )
        return pb.Dataset(
            dataset_id=request.dataset_id,
            digest=assembly.digest,
            language_code=options.language_code,
            sample_rate_hertz=sample_rate_hertz,
            document_uri=(await add_message(self._store, document)).uri,
            summary=summary_of(assembly),
        )

    def _assembled(
        self,
        sources: Sequence[Source],
        options: pb.CurationOptions,
        reviews: Mapping[str, Review],
    ) -> Assembly:
        voices = {
            source.recording.recording_id: Voice(
                tuple(source.recording.speaker_embedding),
                sum(c.duration_seconds for c in source.candidates if c.kept),
            )
            for source in sources
        }
        thresholds = Thresholds(
            min_confidence=options.min_confidence,
            min_dnsmos=options.min_dnsmos,
            min_snr_decibels=options.min_snr_decibels,
            max_text_characters=self._settings.max_text_characters,
            rate_fence_width=self._settings.rate_fence_width,
        )
        curated = curate(
            [candidate for source in sources for candidate in source.candidates],
            thresholds,
            strangers(voices, self._settings.min_speaker_similarity),
        )
        decided = with_reviews(curated, reviews)
        return assemble(decided, _accounts(sources, decided), options.validation_ratio)

    async def _sources(self, recordings: Sequence[pb.RecordingInput]) -> list[Source]:
        unique = {recording.recording_id: recording for recording in recordings}
        slots = asyncio.Semaphore(CONCURRENT_READS)

        async def read(recording: pb.RecordingInput) -> Source:
            async with slots:
                return await self._source(recording)

        ordered = sorted(unique.values(), key=_by_id)
        return list(await asyncio.gather(*(read(recording) for recording in ordered)))

    async def _source(self, recording: pb.RecordingInput) -> Source:
        clips = await read_message(self._store, recording.clips_uri, audio_qc_pb.ClipSet)
        transcript = transcription_pb.TranscriptDocument()
        if recording.transcript_uri:
            transcript = await read_message(
                self._store, recording.transcript_uri, transcription_pb.TranscriptDocument
            )
        verdicts = transcription_pb.VerdictDocument()
        if recording.verdicts_uri:
            verdicts = await read_message(
                self._store, recording.verdicts_uri, transcription_pb.VerdictDocument
            )
        if clips.recording_id != recording.recording_id:
            message = f"{recording.clips_uri} holds clips of another recording."
            raise InvalidInputError(message, reason="CLIPS_MISMATCH", field="recordings.clips_uri")
        candidates = await asyncio.to_thread(candidates_of, clips, transcript, verdicts)
        return Source(recording, clips, tuple(candidates), transcript.language_code)

    async def _reviews(self, newest: pb.Dataset | None) -> dict[str, Review]:
        if newest is None:
            return {}
        document = await read_message(self._store, newest.document_uri, pb.DatasetDocument)
        return reviews_in(candidates_in(document, newest.sample_rate_hertz))

    def _resolved(self, options: pb.CurationOptions) -> pb.CurationOptions:
        if not 0 <= options.validation_ratio < 1 / 2:
            message = f"A validation ratio of {options.validation_ratio:g} is not in 0 to 0.5."
            raise InvalidInputError(
                message, reason="INVALID_RATIO", field="options.validation_ratio"
            )
        settings = self._settings
        return pb.CurationOptions(
            validation_ratio=options.validation_ratio or settings.validation_ratio,
            min_confidence=options.min_confidence or settings.min_confidence,
            min_dnsmos=options.min_dnsmos or settings.min_dnsmos,
            min_snr_decibels=options.min_snr_decibels or settings.min_snr_decibels,
            language_code=options.language_code,
        )


def _by_id(recording: pb.RecordingInput) -> str:
    return recording.recording_id


def _one_sample_rate(sources: Sequence[Source]) -> int:
    rates = sorted({source.clips.sample_rate_hertz for source in sources})
    if len(rates) == 1:
        return rates[0]
    message = (
        f"The recordings were prepared at {', '.join(map(str, rates))} Hz; "
        "prepare all of them at one sample rate."
    )
    raise InvalidInputError(message, reason="MIXED_SAMPLE_RATES", field="recordings")


def _main_language(sources: Sequence[Source]) -> str:
    seconds: dict[str, float] = {}
    for source in sources:
        kept = sum(c.duration_seconds for c in source.candidates if c.kept)
        seconds[source.language_code] = seconds.get(source.language_code, 0.0) + kept
    return max(sorted(seconds), key=lambda code: seconds[code])


def _accounts(sources: Sequence[Source], decided: Sequence[Candidate]) -> dict[str, Account]:
    clips: dict[str, list[Candidate]] = {source.recording.recording_id: [] for source in sources}
    for candidate in decided:
        clips[candidate.recording_id].append(candidate)
    return {
        source.recording.recording_id: account_of(
            clips[source.recording.recording_id],
            silent_samples=_gap_samples(source.clips, has_sound=False),
            sounding_samples=_gap_samples(source.clips, has_sound=True),
            sample_rate_hertz=source.clips.sample_rate_hertz,
            missing_seconds=source.recording.missing_seconds,
        )
        for source in sources
    }


def _gap_samples(clips: audio_qc_pb.ClipSet, *, has_sound: bool) -> int:
    return sum(
        gap.end_sample - gap.start_sample for gap in clips.gaps if gap.has_sound == has_sound
    )


def _nothing_left(assembly: Assembly) -> ConflictError:
    costs = ", ".join(
        f"{rejection.code} ({rejection.clip_count} clips, {rejection.seconds:.0f} s)"
        for rejection in assembly.rejections[:3]
    )
    message = (
        f"No clip is left of {assembly.total.input_seconds:.0f} s of audio. "
        f"What cost most: {costs or 'no speech was found'}."
    )
    return ConflictError(message, reason="NO_CLIP_LEFT")
