"""Finds what `--input` means: files, folders, and what earlier stages left in them."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.cli.errors import UsageError
from gateway.cli.names import printable
from gateway.cli.stages.sidecar import SUFFIX, Sidecar, load_sidecar
from gateway.client.local_files import wire_text

# Which files of a folder are taken; a file that is named itself may have any extension.
VIDEO_EXTENSIONS = frozenset(
    {".3gp", ".asf", ".avi", ".dv", ".f4v", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4"}
    | {".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".rm", ".rmvb", ".ts", ".vob", ".webm", ".wmv"}
)
AUDIO_EXTENSIONS = frozenset(
    {".aac", ".ac3", ".aif", ".aiff", ".amr", ".ape", ".caf", ".eac3", ".flac", ".m4a", ".m4b"}
    | {".mka", ".mp2", ".mp3", ".oga", ".ogg", ".opus", ".ra", ".spx", ".wav", ".weba", ".wma"}
    | {".wv"}
)


@dataclass(frozen=True, slots=True)
class Input:
    """One recording to work on."""

    path: Path
    """The media file, or the sidecar that an earlier stage wrote."""
    sidecar: Sidecar | None = None
    """What is known from earlier stages."""

    @property
    def display_name(self) -> str:
        """Its name for people, the same in all stages."""
        return self.sidecar.display_name if self.sidecar else wire_text(self.path.name)


def find_inputs(paths: Sequence[Path]) -> list[Input]:
    """Returns every recording under `paths`, each file once, in the order of their names.

    Raises:
        UsageError: a path does not exist, or there is no recording at all.
    """
    if not paths:
        raise UsageError("Nothing to work on: name files or folders with --input.")
    found: dict[Path, Input] = {}
    for path in paths:
        for each in _under(path):
            found.setdefault(each.path.resolve(), each)
    if not found:
        listed = ", ".join(printable(str(path)) for path in paths)
        raise UsageError(
            f"There is no recording in {listed}. Folders are searched for audio and video by file "
            "extension; name a file itself to have it read whatever it is called."
        )
    return list(found.values())


def _under(path: Path) -> Iterator[Input]:
    if path.is_dir():
        yield from _in_folder(path)
    elif path.exists():
        yield _file(path)
    else:
        shown = printable(str(path))
        raise UsageError(f"There is no file or folder {shown!r}: check what --input names.")


def _in_folder(top: Path) -> Iterator[Input]:
    """Searches a folder and the folders in it; what is hidden is left alone."""
    for folder_name, subfolders, names in os.walk(top):
        folder = Path(folder_name)
        visible = sorted(name for name in names if not _is_hidden(name))
        sidecars = {
            name: sidecar
            for name in visible
            if name.endswith(SUFFIX) and (sidecar := load_sidecar(folder / name))
        }
        # What a sidecar names was made from its recording, and is no recording itself.
        made = {file for sidecar in sidecars.values() for file in sidecar.files.values()}
        subfolders[:] = sorted(
            each for each in subfolders if not _is_hidden(each) and each not in made
        )
        for name in visible:
            if name in sidecars:
                yield Input(folder / name, sidecars[name])
            elif _is_media(name) and name not in made:
                yield Input(folder / name)


def _is_hidden(name: str) -> bool:
    return name.startswith(".")


def _is_media(name: str) -> bool:
    return Path(name).suffix.lower() in VIDEO_EXTENSIONS | AUDIO_EXTENSIONS


def _file(path: Path) -> Input:
    if path.name.endswith(SUFFIX):
        sidecar = load_sidecar(path)
        if sidecar is None:
            raise UsageError(f"{printable(path.name)} was not written by tts-trainer.")
        return Input(path, sidecar)
    beside = path.with_name(path.stem + SUFFIX)
    sidecar = load_sidecar(beside)
    if sidecar is not None and path.name in sidecar.files.values():
        return Input(beside, sidecar)
    return Input(path)
