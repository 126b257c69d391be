"""What a container tells about the quality of the voice inside, before a sample is decoded."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.media.contents import Contents, Stream
from services.media.tracks import default_track

LOW_SAMPLE_RATE_HERTZ = 22_050
"""The rate that most voice models are trained at: below it, their upper band is empty."""
LOW_BITS_PER_SECOND_PER_CHANNEL = {"mp3": 48_000, "mp2": 64_000, "vorbis": 32_000, "opus": 16_000}
LOW_BITS_PER_SECOND_PER_CHANNEL_OTHERS = 32_000
"""Where lossy codecs start to smear speech audibly; a rule of thumb, not a standard."""
LOSSLESS_CODECS = frozenset(
    {"flac", "alac", "ape", "tta", "tak", "wavpack", "truehd", "mlp", "shorten", "wmalossless"}
)
DURATION_MISMATCH_SECONDS = 1.0
ESTIMATED_DURATION = "ESTIMATED_DURATION"


@dataclass(frozen=True, slots=True)
class QualityWarning:
    """Something that lowers the quality of a voice trained on a recording."""

    reason: str
    message: str


def warnings_on(contents: Contents) -> list[QualityWarning]:
    """Returns what the person who recorded this should know, the worst first."""
    if not contents.audio:
        return [
            QualityWarning(
                "NO_AUDIO_STREAM",
                "There is no audio track: record again with the microphone on.",
            )
        ]
    chosen = default_track(contents.audio)
    return [*_on_track(chosen), *_on_container(contents, chosen)]


def _on_track(track: Stream) -> Iterator[QualityWarning]:
    if 0 < track.sample_rate_hertz < LOW_SAMPLE_RATE_HERTZ:
        yield QualityWarning(
            "LOW_SAMPLE_RATE",
            f"The sample rate is {track.sample_rate_hertz} Hz, so the voice will sound dull: "
            f"record at 44,100 or 48,000 Hz (at least {LOW_SAMPLE_RATE_HERTZ} Hz).",
        )
    per_channel = track.bit_rate / max(1, track.channel_count)
    least = LOW_BITS_PER_SECOND_PER_CHANNEL.get(track.codec, LOW_BITS_PER_SECOND_PER_CHANNEL_OTHERS)
    if not _is_lossless(track.codec) and 0 < per_channel < least:
        yield QualityWarning(
            "LOW_BIT_RATE",
            f"{track.codec} at {per_channel / 1000:.0f} kbit/s per channel smears speech: "
            f"use {least // 1000} kbit/s or more, or a lossless format.",
        )


def _on_container(contents: Contents, chosen: Stream) -> Iterator[QualityWarning]:
    if len(contents.audio) > 1:
        language = f" ({chosen.language_code})" if chosen.language_code else ""
        yield QualityWarning(
            "SEVERAL_AUDIO_TRACKS",
            f"There are {len(contents.audio)} audio tracks; stream {chosen.index}{language} is "
            "taken unless you ask for another by index or language.",
        )
    if contents.duration_seconds == 0:
        yield QualityWarning(
            "UNKNOWN_DURATION",
            "The file does not say how long it is: progress cannot be shown, "
            "and a missing end would not be noticed.",
        )
    elif contents.duration_is_estimated:
        yield QualityWarning(
            ESTIMATED_DURATION,
            "The file does not say reliably how long it is; the duration is guessed from its "
            "bit rate, so check that the end is not missing.",
        )
    elif contents.duration_seconds - chosen.duration_seconds > DURATION_MISMATCH_SECONDS and (
        chosen.duration_seconds > 0
    ):
        yield QualityWarning(
            "DURATION_MISMATCH",
            f"The audio track is {chosen.duration_seconds:.1f} s long, "
            f"the whole file {contents.duration_seconds:.1f} s: part of it has no sound.",
        )


def _is_lossless(codec: str) -> bool:
    return codec in LOSSLESS_CODECS or codec.startswith(("pcm_", "dsd_"))
