"""Which files are sound, told by how they begin, whatever they are called."""

import re
from enum import Enum

_VIDEO_TRACK = re.compile(rb"hdlr.{8}vide", re.DOTALL)
_MPEG_SYNC = re.compile(rb"\xff[\xe2-\xff]")
_VIDEO_BRANDS = (b"qt  ", b"3gp", b"avc1", b"M4V ")


class Kind(Enum):
    """What a file holds."""

    SOUND = "sound"
    VIDEO = "video"
    OTHER = "other"


def kind_of(content: bytes) -> Kind:
    """Returns what a file holds that begins with `content`, or is it."""
    if content[4:8] == b"ftyp":
        is_video = content[8:12].startswith(_VIDEO_BRANDS) or _VIDEO_TRACK.search(content)
        return Kind.VIDEO if is_video else Kind.SOUND
    if _is_video(content):
        return Kind.VIDEO
    return Kind.SOUND if _is_sound(content) else Kind.OTHER


def _is_video(content: bytes) -> bool:
    return (
        content.startswith((b"\x1aE\xdf\xa3", b"\x00\x00\x01\xba", b"FLV\x01"))
        or (content.startswith(b"RIFF") and content[8:11] == b"AVI")
        or (content.startswith(b"OggS") and b"theora" in content[:200])
    )


def _is_sound(content: bytes) -> bool:
    return (
        content.startswith((b"OggS", b"fLaC", b"ID3", b"caff"))
        or (content.startswith((b"RIFF", b"RF64")) and content[8:12] == b"WAVE")
        or (content.startswith(b"FORM") and content[8:11] == b"AIF")
        or bool(_MPEG_SYNC.match(content))
    )
