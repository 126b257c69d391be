"""Finds the transcript that somebody has already made of a recording: the file beside it."""

from pathlib import Path

from gateway.cli.stages.sidecar import SUFFIX, load_sidecar

EXTENSIONS = (".srt", ".vtt")


def subtitles_beside(recording: Path) -> Path | None:
    """Returns the SRT or VTT file with the recording's stem, unless we wrote it ourselves."""
    for extension in EXTENSIONS:
        found = recording.with_name(recording.stem + extension)
        if found.is_file():
            ours = load_sidecar(recording.with_name(recording.stem + SUFFIX))
            if ours is None or found.name not in ours.files.values():
                return found
    return None
