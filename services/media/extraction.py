"""ExtractAudio: one audio track as FLAC, at its native rate, once."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import soundfile

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import add_file
from services.chassis.errors import InvalidInputError
from services.chassis.steps import Step, StepResults
from services.chassis.work import Progress
from services.decoding.complaints import NOTHING_DECODED
from services.media import recordings, tracks, wire
from services.media.ffmpeg import Decoding
from services.media.probing import Probing
from services.media.quality import ESTIMATED_DURATION
from ttstrainer.media.v1 import media_service_pb2 as pb

REVISION = 1
MAX_FLAC_CHANNEL_COUNT = 8
LIBSNDFILE_UNKNOWN_COUNT = 2**63 - 1
MISSING_SECONDS_NOTED = 0.5
"""Containers round their durations and codecs pad their ends: less than this is no loss."""


class Decoder(Protocol):
    """Turns a track into FLAC; Ffmpeg is the real one."""

    @property
    def version(self) -> str:
        """The version that recorded results depend on."""

    async def decode(self, decoding: Decoding, on_seconds: Callable[[float], None]) -> None:
        """Writes the file; ends at once when cancelled."""


class Extraction:
    """Has decoded what a request asks for."""

    def __init__(
        self,
        store: ArtifactStore,
        steps: StepResults,
        probing: Probing,
        decoder: Decoder,
        *,
        scratch: Path,
        max_parallel_count: int,
    ) -> None:
        """Runs at most `max_parallel_count` decoders at once; the others wait."""
        self._store = store
        self._steps = steps
        self._probing = probing
        self._decoder = decoder
        self._scratch = scratch
        self._slots = asyncio.Semaphore(max_parallel_count)

    async def extract(
        self, request: pb.ExtractAudioRequest, progress: Progress
    ) -> pb.ExtractedAudio:
        """Returns the stored audio of the track that was asked for.

        Raises NotFoundError for an unknown recording, and InvalidInputError when it has no such
        track or cannot be decoded.
        """
        media = await self._probing.probe(request.recording_id)
        track = _chosen(media, request)
        if track.channel_count > MAX_FLAC_CHANNEL_COUNT:
            message = (
                f"The track has {track.channel_count} channels, more than the "
                f"{MAX_FLAC_CHANNEL_COUNT} that FLAC holds: export it as mono or stereo."
            )
            raise InvalidInputError(message, reason="TOO_MANY_CHANNELS")
        bits_per_sample = 16 if 0 < track.bits_per_sample <= 16 else 24  # noqa: PLR2004
        step = Step(
            method=wire.EXTRACT_AUDIO,
            revision=REVISION,
            parameters={"stream_index": track.index, "bits_per_sample": bits_per_sample},
            inputs=(media.recording_id,),
            models={"ffmpeg": self._decoder.version},
        )

        async def compute() -> pb.ExtractedAudio:
            async with self._slots:
                return await self._decoded(media, track, bits_per_sample, progress)

        return await self._steps.once(step, pb.ExtractedAudio, compute)

    async def _decoded(
        self, media: pb.MediaInfo, track: pb.MediaStream, bits_per_sample: int, progress: Progress
    ) -> pb.ExtractedAudio:
        expected_seconds = _expected_seconds(media, track)

        def note(seconds: float) -> None:
            if expected_seconds:
                progress(min(seconds / expected_seconds, 1.0))

        async with recordings.opened(self._store, media.recording_id) as source:
            with TemporaryDirectory(prefix="extraction-", dir=self._scratch) as folder:
                target = Path(folder, "audio.flac")
                decoding = Decoding(source, track.index, bits_per_sample, target)
                await self._decoder.decode(decoding, note)
                audio = await asyncio.to_thread(_described, target)
                blob = await add_file(self._store, target)
        missing_seconds = expected_seconds - audio.sample_count / audio.sample_rate_hertz
        audio.MergeFrom(
            pb.ExtractedAudio(
                recording_id=media.recording_id,
                audio_uri=blob.uri,
                stream_index=track.index,
                bits_per_sample=bits_per_sample,
                language_code=track.language_code,
                missing_seconds=missing_seconds if missing_seconds > MISSING_SECONDS_NOTED else 0,
            )
        )
        return audio


def _chosen(media: pb.MediaInfo, request: pb.ExtractAudioRequest) -> pb.MediaStream:
    audio = [stream for stream in media.streams if stream.kind == pb.STREAM_KIND_AUDIO]
    asked = request.WhichOneof("track")
    try:
        if asked == "stream_index":
            return tracks.track_at(audio, request.stream_index)
        if asked == "language_code":
            return tracks.track_in(audio, request.language_code)
        return tracks.default_track(audio)
    except tracks.NoSuchTrackError as error:
        raise InvalidInputError(str(error), reason=error.reason, field=asked or "") from error


def _expected_seconds(media: pb.MediaInfo, track: pb.MediaStream) -> float:
    """Returns how long the track claims to be, or zero when nobody knows."""
    if any(warning.reason == ESTIMATED_DURATION for warning in media.warnings):
        return 0.0
    return track.duration_seconds or media.duration_seconds


def _described(path: Path) -> pb.ExtractedAudio:
    try:
        found = soundfile.info(str(path))
    except soundfile.LibsndfileError:
        found = None
    # FLAC without a single frame says "unknown length", which libsndfile gives as its maximum.
    if found is None or found.frames in {0, LIBSNDFILE_UNKNOWN_COUNT}:
        reason, message = NOTHING_DECODED
        raise InvalidInputError(message, reason=reason)
    return pb.ExtractedAudio(
        sample_rate_hertz=found.samplerate,
        channel_count=found.channels,
        sample_count=found.frames,
    )
