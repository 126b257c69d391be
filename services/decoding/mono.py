"""Lets ffmpeg turn any audio file into mono samples, up to a length."""

from pathlib import Path

from services.decoding import complaints, programs
from services.decoding.containers import DEMUXERS, MAX_ALLOCATION_BYTES, PROTOCOLS

FFMPEG = Path("ffmpeg")


async def decode_mono(
    source: Path,
    target: Path,
    *,
    max_seconds: float,
    limit_seconds: float = 120.0,
    program: Path = FFMPEG,
) -> None:
    """Writes the first `max_seconds` of `source` as a mono WAV file of floats at its own rate.

    Not more than that is read of a longer one. Raises InvalidInputError when it is no audio that
    ffmpeg reads, or when decoding takes longer than `limit_seconds`.
    """
    command = [
        *(str(program), "-hide_banner", "-nostdin", "-nostats", "-y", "-v", "warning"),
        *("-max_alloc", str(MAX_ALLOCATION_BYTES), "-threads", "1"),
        *("-protocol_whitelist", ",".join(PROTOCOLS)),
        *("-format_whitelist", ",".join(DEMUXERS)),
        # file: keeps a path from being read as an option or as another protocol.
        *("-vn", "-sn", "-dn", "-i", f"file:{source}"),
        *("-t", f"{max_seconds:g}", "-ac", "1", "-c:a", "pcm_f32le", "-f", "wav"),
        *("-map_metadata", "-1", "-fflags", "+bitexact", f"file:{target}"),
    ]
    finished = await programs.run(command, on_output=lambda _: None, limit_seconds=limit_seconds)
    if finished.exit_code != 0:
        raise complaints.error_for(finished.complaints)
