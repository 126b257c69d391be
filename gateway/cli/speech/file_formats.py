"""Which kinds of audio file speech is written as."""

from enum import StrEnum
from pathlib import Path

from gateway.cli.errors import UsageError
from gateway.cli.names import printable
from ttstrainer.inference.v1 import inference_service_pb2 as pb


class AudioFile(StrEnum):
    """A kind of audio file."""

    WAV = "wav"
    FLAC = "flac"
    MP3 = "mp3"
    OGG = "ogg"
    AAC = "aac"


FILE_FORMATS = {
    AudioFile.WAV: pb.FILE_FORMAT_WAV,
    AudioFile.FLAC: pb.FILE_FORMAT_FLAC,
    AudioFile.MP3: pb.FILE_FORMAT_MP3,
    AudioFile.OGG: pb.FILE_FORMAT_OGG_OPUS,
    AudioFile.AAC: pb.FILE_FORMAT_AAC,
}
EXTENSIONS = {
    ".wav": AudioFile.WAV,
    ".flac": AudioFile.FLAC,
    ".mp3": AudioFile.MP3,
    ".ogg": AudioFile.OGG,
    ".opus": AudioFile.OGG,
    ".m4a": AudioFile.AAC,
    ".aac": AudioFile.AAC,
}


def audio_file_of(path: Path | None, wanted: AudioFile | None) -> AudioFile:
    """Returns the kind that was asked for, or else the one that the file's name tells.

    Raises:
        UsageError: nothing was asked for, and the name tells nothing.
    """
    if wanted is not None:
        return wanted
    if path is None:
        return AudioFile.WAV
    try:
        return EXTENSIONS[path.suffix.lower()]
    except KeyError:
        known = ", ".join(EXTENSIONS)
        raise UsageError(
            f"What kind of file is {printable(str(path))}? Give it one of the endings {known}, or "
            "say --format."
        ) from None
