"""The kinds of audio files, and how ffmpeg is asked for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a kind of file is made, by ffmpeg's names."""

    suffix: str
    media_type: str
    muxer: str
    codec: str
    options: Mapping[str, str | int] = field(default_factory=dict)


class AudioFileFormat(Enum):
    """A kind of audio file."""

    WAV = Recipe(".wav", "audio/wav", "wav", "pcm_s16le")
    FLAC = Recipe(".flac", "audio/flac", "flac", "flac")
    MP3 = Recipe(".mp3", "audio/mpeg", "mp3", "libmp3lame", {"q:a": 2, "id3v2_version": 3})
    OGG_OPUS = Recipe(".ogg", "audio/ogg", "ogg", "libopus", {"b:a": "48k"})
    AAC = Recipe(
        ".m4a",
        "audio/mp4",
        "ipod",
        "aac",
        # The index first, so that players begin before all is there; tags of any name.
        {"b:a": "96k", "movflags": "+faststart+use_metadata_tags"},
    )

    @property
    def suffix(self) -> str:
        """How names of such files end."""
        return self.value.suffix

    @property
    def media_type(self) -> str:
        """As HTTP and the contract name it."""
        return self.value.media_type
