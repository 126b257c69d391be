"""Asks ffprobe what a file contains."""

import json
from dataclasses import dataclass
from pathlib import Path

from services.chassis.errors import InvalidInputError
from services.decoding import complaints, programs
from services.decoding.containers import DEMUXERS, MAX_ALLOCATION_BYTES, PROTOCOLS
from services.media import contents

MAX_OUTPUT_BYTES = 8 << 20
ENTRIES = (
    "format=format_name,duration,bit_rate,size"
    ":stream=index,codec_type,codec_name,sample_fmt,sample_rate,channels,bits_per_raw_sample"
    ",duration,bit_rate,width,height,avg_frame_rate"
    ":stream_tags:stream_disposition=default,attached_pic"
    ":chapter=start_time,end_time:chapter_tags=title"
)


@dataclass(frozen=True, slots=True)
class Ffprobe:
    """The ffprobe program with the limits it runs under."""

    program: Path
    version: str
    limit_seconds: float

    async def describe(self, path: Path) -> contents.Contents:
        """Returns what the file at `path` contains.

        Raises InvalidInputError when it is not readable media, or something that points elsewhere.
        """
        output = bytearray()

        def keep(piece: bytes) -> None:
            output.extend(piece)
            if len(output) > MAX_OUTPUT_BYTES:
                message = "The file describes itself at absurd length: convert it to mp4 or wav."
                raise InvalidInputError(message, reason="NOT_MEDIA")

        finished = await programs.run(
            self._command(path), on_output=keep, limit_seconds=self.limit_seconds
        )
        if finished.exit_code != 0:
            raise complaints.error_for(finished.complaints)
        return contents.parsed(
            json.loads(output),
            duration_is_estimated=complaints.tell_of_estimated_duration(finished.complaints),
        )

    def _command(self, path: Path) -> list[str]:
        # file: keeps a path from being read as an option or as another protocol.
        return [
            *(str(self.program), "-hide_banner", "-v", "warning"),
            *("-max_alloc", str(MAX_ALLOCATION_BYTES)),
            *("-protocol_whitelist", ",".join(PROTOCOLS)),
            *("-format_whitelist", ",".join(DEMUXERS)),
            *("-of", "json=compact=1", "-show_entries", ENTRIES),
            *("-i", f"file:{path}"),
        ]
