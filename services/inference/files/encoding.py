"""Encodes streamed samples into an audio file, whatever their length."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from services.chassis.errors import InvalidInputError, UnavailableError
from services.decoding import programs
from services.inference.files.formats import AudioFileFormat
from services.inference.files.marking import mark_file
from services.inference.files.tags import SpeechTags
from services.inference.files.watermark import Watermark

LIMIT_SECONDS = 3600.0
"""ffmpeg encodes hours of speech in minutes."""
NOT_FOUND_EXIT_CODE = 127


@asynccontextmanager
async def encoded(
    pieces: AsyncIterator[bytes],
    sample_rate_hertz: int,
    file_format: AudioFileFormat,
    tags: SpeechTags,
    *,
    scratch: Path,
    ffmpeg_program: Path = Path("ffmpeg"),
    watermark: Watermark | None = None,
) -> AsyncIterator[Path]:
    """Gives an audio file of `pieces`: signed 16-bit little-endian samples, one channel.

    The samples are kept in the scratch folder and never in memory; the file is there inside the
    block. The same samples and tags give the same bytes, with one build of ffmpeg. A rate that the
    format does not have becomes the nearest that it has. Raises InvalidInputError for no samples,
    UnavailableError without ffmpeg, and what `pieces` raises.
    """
    with TemporaryDirectory(dir=scratch, prefix="speech-") as folder:
        samples = Path(folder, "samples.s16le")
        target = Path(folder, f"speech{file_format.suffix}")
        await _gather(pieces, samples)
        if watermark is not None:
            marked = Path(folder, "marked.s16le")
            await mark_file(samples, marked, sample_rate_hertz, watermark)
            samples = marked
        command = command_for(
            samples,
            target,
            sample_rate_hertz=sample_rate_hertz,
            file_format=file_format,
            tags=tags,
            program=ffmpeg_program,
        )
        finished = await programs.run(
            command, on_output=lambda _: None, limit_seconds=LIMIT_SECONDS
        )
        if finished.exit_code == NOT_FOUND_EXIT_CODE:
            message = (
                f"{ffmpeg_program} cannot be run: install ffmpeg (apt-get install ffmpeg), or name "
                "it in TTSTRAINER_INFERENCE_FFMPEG."
            )
            raise UnavailableError(message, reason="FFMPEG_MISSING")
        if finished.exit_code != 0:
            raise RuntimeError(f"ffmpeg could not encode: {finished.complaints}")
        yield target


def command_for(
    samples: Path,
    target: Path,
    *,
    sample_rate_hertz: int,
    file_format: AudioFileFormat,
    tags: SpeechTags,
    program: Path,
) -> list[str]:
    """Returns the command line; the same samples give the same bytes on every run of one build."""
    recipe = file_format.value
    options = [word for name, value in recipe.options.items() for word in (f"-{name}", str(value))]
    metadata = [
        word
        for name, value in tags.as_metadata().items()
        for word in ("-metadata", f"{name}={value}")
    ]
    return [
        *(str(program), "-hide_banner", "-nostdin", "-nostats", "-v", "warning"),
        # file: keeps a path from being read as an option or as another protocol.
        *("-f", "s16le", "-ar", str(sample_rate_hertz), "-ac", "1", "-i", f"file:{samples}"),
        *("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"),
        *("-c:a", recipe.codec, *options, *metadata),
        *("-threads", "1", "-f", recipe.muxer, f"file:{target}"),
    ]


async def _gather(pieces: AsyncIterator[bytes], target: Path) -> None:
    """Writes the samples to a file. Raises InvalidInputError when there are none."""
    with await asyncio.to_thread(target.open, "wb") as file:
        byte_count = 0
        async for piece in pieces:
            byte_count += await asyncio.to_thread(_write, file, piece)
    if byte_count == 0:
        message = "There is no audio to encode: nothing was spoken."
        raise InvalidInputError(message, reason="NO_AUDIO")


def _write(file: BinaryIO, piece: bytes) -> int:
    return file.write(piece)
