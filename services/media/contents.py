"""What a container holds, as ffprobe describes it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from services.media.languages import bcp47_of

Kind = Literal["video", "audio", "subtitle", "other"]

MAX_CHAPTER_COUNT = 1000
MAX_TITLE_LENGTH = 200
NONSENSE = 2.0**53
"""No honest duration, rate or size is as large."""
INTEGER_SAMPLE_BITS = {"u8": 8, "s16": 16, "s32": 32, "s64": 64}
CLOCK = re.compile(r"(\d{1,4}):(\d\d):(\d\d(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Stream:
    """One track. Numbers are zero and texts empty where the container does not say."""

    index: int
    kind: Kind
    codec: str = ""
    language_code: str = ""
    title: str = ""
    is_default: bool = False
    duration_seconds: float = 0.0
    bit_rate: int = 0
    sample_rate_hertz: int = 0
    channel_count: int = 0
    bits_per_sample: int = 0
    """Of the decoded samples where they are integers; zero where they are floats (AAC, Opus)."""
    width_pixels: int = 0
    height_pixels: int = 0
    frames_per_second: float = 0.0


@dataclass(frozen=True, slots=True)
class Chapter:
    """A named part."""

    start_seconds: float
    end_seconds: float
    title: str


@dataclass(frozen=True, slots=True)
class Contents:
    """A container and everything in it."""

    container: str
    duration_seconds: float
    bit_rate: int
    size_bytes: int
    streams: Sequence[Stream]
    chapters: Sequence[Chapter] = ()
    duration_is_estimated: bool = False
    """True when ffprobe had to guess it from the bit rate."""

    @property
    def audio(self) -> list[Stream]:
        """The audio tracks, in order."""
        return [stream for stream in self.streams if stream.kind == "audio"]


def parsed(probed: Mapping[str, Any], *, duration_is_estimated: bool = False) -> Contents:
    """Reads ffprobe's JSON (`-show_format -show_streams -show_chapters`)."""
    form = probed.get("format", {})
    return Contents(
        container=str(form.get("format_name", "")),
        duration_seconds=_number(form.get("duration")),
        bit_rate=int(_number(form.get("bit_rate"))),
        size_bytes=int(_number(form.get("size"))),
        streams=tuple(_stream(each) for each in probed.get("streams", [])),
        chapters=tuple(_chapter(each) for each in probed.get("chapters", [])[:MAX_CHAPTER_COUNT]),
        duration_is_estimated=duration_is_estimated,
    )


def _stream(probed: Mapping[str, Any]) -> Stream:
    tags = {str(name).lower(): str(value) for name, value in probed.get("tags", {}).items()}
    marks = probed.get("disposition", {})
    kind = _kind(str(probed.get("codec_type", "")), attached=bool(marks.get("attached_pic")))
    duration = _number(probed.get("duration")) or _clock_seconds(tags.get("duration", ""))
    return Stream(
        index=int(probed["index"]),
        kind=kind,
        codec=str(probed.get("codec_name", "")),
        language_code=bcp47_of(tags.get("language", "")),
        title=tags.get("title", "")[:MAX_TITLE_LENGTH],
        is_default=bool(marks.get("default")),
        duration_seconds=duration,
        bit_rate=int(_number(probed.get("bit_rate")) or _number(tags.get("bps"))),
        sample_rate_hertz=int(_number(probed.get("sample_rate"))),
        channel_count=int(_number(probed.get("channels"))),
        bits_per_sample=_bits(probed),
        width_pixels=int(_number(probed.get("width"))) if kind == "video" else 0,
        height_pixels=int(_number(probed.get("height"))) if kind == "video" else 0,
        frames_per_second=_ratio(str(probed.get("avg_frame_rate", ""))) if kind == "video" else 0.0,
    )


def _kind(codec_type: str, *, attached: bool) -> Kind:
    """A cover picture is a video stream to ffmpeg, but no moving picture."""
    if codec_type == "video":
        return "other" if attached else "video"
    if codec_type == "audio":
        return "audio"
    return "subtitle" if codec_type == "subtitle" else "other"


def _chapter(probed: Mapping[str, Any]) -> Chapter:
    tags = {str(name).lower(): str(value) for name, value in probed.get("tags", {}).items()}
    return Chapter(
        start_seconds=_number(probed.get("start_time")),
        end_seconds=_number(probed.get("end_time")),
        title=tags.get("title", "")[:MAX_TITLE_LENGTH],
    )


def _bits(probed: Mapping[str, Any]) -> int:
    held = INTEGER_SAMPLE_BITS.get(str(probed.get("sample_fmt", "")).removesuffix("p"), 0)
    raw = int(_number(probed.get("bits_per_raw_sample")))
    return min(held, raw) if raw else held


def _number(value: object) -> float:
    """Reads a number that may be missing, "N/A" or nonsense in a damaged file."""
    try:
        number = float(value) if isinstance(value, int | float | str) else 0.0
    except ValueError:
        return 0.0
    return number if 0 < number < NONSENSE else 0.0


def _ratio(text: str) -> float:
    above, _, below = text.partition("/")
    return _number(above) / _number(below) if _number(below) else 0.0


def _clock_seconds(text: str) -> float:
    """Reads Matroska's own way to note a stream's duration: 00:01:02.500000000."""
    found = CLOCK.match(text)
    if not found:
        return 0.0
    return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])
