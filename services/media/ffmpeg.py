"""Lets ffmpeg decode one audio track into FLAC."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import ffmpeg

from services.chassis.errors import InvalidInputError, UnavailableError
from services.decoding import complaints, programs
from services.decoding.containers import DEMUXERS, MAX_ALLOCATION_BYTES, PROTOCOLS

VERSION_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Decoding:
    """What is to be decoded, and into what."""

    source: Path
    stream_index: int
    bits_per_sample: int
    """16, or 24 for sources with more (or with floats)."""
    target: Path


@dataclass(frozen=True, slots=True)
class Ffmpeg:
    """The ffmpeg program with the limits it runs under."""

    program: Path
    version: str
    limit_seconds: float
    max_duration_seconds: float
    max_audio_bytes: int

    async def decode(self, decoding: Decoding, on_seconds: Callable[[float], None]) -> None:
        """Writes the track as FLAC, calling `on_seconds` with the time that it has reached.

        What a damaged file still holds is decoded. Raises InvalidInputError when nothing can be,
        or when a limit is passed. The target is left as it is on errors.
        """
        watch = Watch(on_seconds, self.max_duration_seconds, self.max_audio_bytes)
        command = command_for(decoding, self.program)
        finished = await programs.run(
            command, on_output=watch.read, limit_seconds=self.limit_seconds
        )
        if finished.exit_code != 0 or not decoding.target.exists():
            raise complaints.error_for(finished.complaints, otherwise=complaints.NOTHING_DECODED)


async def version_of(program: Path) -> str:
    """Returns the version that a program of the ffmpeg family reports, such as 5.1.9-0+deb12u1.

    Raises UnavailableError when it cannot be run.
    """
    output = bytearray()
    command = [str(program), "-version"]
    await programs.run(command, on_output=output.extend, limit_seconds=VERSION_SECONDS)
    words = output.decode(errors="replace").split(maxsplit=3)
    if words[1:2] != ["version"]:
        message = (
            f"{program} cannot be run: install ffmpeg (apt-get install ffmpeg), or name it in "
            "TTSTRAINER_MEDIA_FFMPEG and TTSTRAINER_MEDIA_FFPROBE."
        )
        raise UnavailableError(message, reason="FFMPEG_MISSING")
    return words[2]


def command_for(decoding: Decoding, program: Path) -> list[str]:
    """Returns the command line; the same input gives the same bytes on every run of one build."""
    source = ffmpeg.input(
        f"file:{decoding.source}",
        protocol_whitelist=",".join(PROTOCOLS),
        format_whitelist=",".join(DEMUXERS),
        max_alloc=MAX_ALLOCATION_BYTES,
        threads=1,
        # Damage is decoded around, not a reason to give up.
        max_error_rate=1,
        vn=None,
        sn=None,
        dn=None,
    )
    sample_format = {16: {"sample_fmt": "s16"}, 24: {"sample_fmt": "s32"}}
    graph = source[str(decoding.stream_index)].output(
        f"file:{decoding.target}",
        format="flac",
        acodec="flac",
        map_metadata=-1,
        map_chapters=-1,
        fflags="+bitexact",
        threads=1,
        **{"flags:a": "+bitexact", "bits_per_raw_sample": decoding.bits_per_sample},
        **sample_format[decoding.bits_per_sample],
    )
    wanted = ["-hide_banner", "-nostdin", "-nostats", "-v", "warning"]
    reporting = ["-progress", "pipe:1", "-stats_period", "0.2"]
    command: list[str] = graph.global_args(*wanted, *reporting).compile(cmd=str(program))
    return command


class Watch:
    """Reads ffmpeg's `-progress` lines and raises when a limit is passed."""

    def __init__(
        self, on_seconds: Callable[[float], None], max_seconds: float, max_bytes: int
    ) -> None:
        self._on_seconds = on_seconds
        self._max_seconds = max_seconds
        self._max_bytes = max_bytes
        self._rest = b""

    def read(self, piece: bytes) -> None:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            name, _, value = line.partition(b"=")
            if value.strip().isdigit():
                self._note(name, int(value))

    def _note(self, name: bytes, value: int) -> None:
        if name == b"out_time_us":
            self._on_seconds(value / 1e6)
            if value > self._max_seconds * 1e6:
                message = (
                    f"The recording is longer than the {self._max_seconds / 3600:g} hours that "
                    "are allowed: cut it into shorter ones."
                )
                raise InvalidInputError(message, reason="RECORDING_TOO_LONG")
        elif name == b"total_size" and value > self._max_bytes:
            message = "The decoded audio is larger than this server allows: cut the recording."
            raise InvalidInputError(message, reason="AUDIO_TOO_LARGE")
