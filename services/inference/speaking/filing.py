"""Speech as a file: returned, or kept as an artifact."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import add_file
from services.chassis.errors import InvalidInputError
from services.inference.files.encoding import encoded
from services.inference.files.formats import AudioFileFormat
from services.inference.files.tags import SpeechTags
from services.inference.files.watermark import Watermark
from services.inference.speaking.options import SpeechOptions
from services.inference.speaking.parts import (
    AudioChunk,
    AudioFormat,
    SentenceMark,
    SpeechPart,
    SpeechSummary,
)
from services.inference.speaking.script import Script
from services.inference.speaking.speaking import Speaking


@dataclass(frozen=True, slots=True)
class SpeechFile:
    """A file of speech: its bytes, or where it lies."""

    content: bytes
    uri: str
    media_type: str
    audio_format: AudioFormat
    marks: tuple[SentenceMark, ...]
    summary: SpeechSummary


@dataclass
class _Heard:
    """What a stream tells beside the audio."""

    marks: list[SentenceMark] = field(default_factory=list)
    summary: SpeechSummary | None = None


class Filing:
    """Makes files of speech, in the scratch folder: whole books fit."""

    def __init__(
        self,
        speaking: Speaking,
        store: ArtifactStore,
        scratch: Path,
        *,
        max_reply_bytes: int,
        ffmpeg_program: Path = Path("ffmpeg"),
        watermark: Watermark | None = None,
    ) -> None:
        """Files over `max_reply_bytes` must be stored."""
        self._speaking = speaking
        self._store = store
        self._scratch = scratch
        self._max_reply_bytes = max_reply_bytes
        self._ffmpeg_program = ffmpeg_program
        self._watermark = watermark

    async def file(
        self,
        script: Script,
        options: SpeechOptions,
        file_format: AudioFileFormat,
        *,
        is_stored: bool,
    ) -> SpeechFile:
        """Speaks into a file.

        Raises what `Speaking.speak` raises, and InvalidInputError when a file that is not to be
        stored is too large to be returned.
        """
        max_bytes = self._max_reply_bytes if not is_stored else None
        max_pcm_bytes = max_bytes if file_format is AudioFileFormat.WAV else None
        heard = _Heard()
        async with aclosing(self._speaking.speak(script, options, is_heard=False)) as parts:
            audio_format = await anext(parts)
            if not isinstance(audio_format, AudioFormat):
                raise TypeError("a stream of speech begins with its format")
            async with encoded(
                self._pcm(parts, heard, max_pcm_bytes),
                audio_format.sample_rate_hertz,
                file_format,
                SpeechTags(audio_format.voice_id, audio_format.model, audio_format.model_version),
                scratch=self._scratch,
                ffmpeg_program=self._ffmpeg_program,
                watermark=self._watermark,
            ) as path:
                if max_bytes is not None and path.stat().st_size > max_bytes:
                    raise self._too_large()
                content = b"" if is_stored else await asyncio.to_thread(path.read_bytes)
                uri = (await add_file(self._store, path)).uri if is_stored else ""
        if heard.summary is None:
            raise TypeError("a stream of speech ends with its summary")
        return SpeechFile(
            content=content,
            uri=uri,
            media_type=file_format.media_type,
            audio_format=audio_format,
            marks=tuple(heard.marks),
            summary=heard.summary,
        )

    async def _pcm(
        self, parts: AsyncIterator[SpeechPart], heard: _Heard, max_bytes: int | None
    ) -> AsyncIterator[bytes]:
        byte_count = 0
        async for part in parts:
            match part:
                case AudioChunk():
                    byte_count += len(part.pcm)
                    if max_bytes is not None and byte_count > max_bytes:
                        raise self._too_large()  # known before all of it is spoken
                    yield part.pcm
                case SentenceMark():
                    heard.marks.append(part)
                case SpeechSummary():
                    heard.summary = part

    def _too_large(self) -> InvalidInputError:
        message = (
            f"The file would be larger than {self._max_reply_bytes:,} bytes, too large for an "
            "answer: set store, and read the artifact."
        )
        return InvalidInputError(message, reason="FILE_TOO_LARGE", field="store")
