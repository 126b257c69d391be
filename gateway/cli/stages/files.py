"""What a stage leaves in its output folder: files named after the recording, and a sidecar."""

import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from gateway.cli.importing import Imported
from gateway.cli.names import stem_of
from gateway.cli.stages.sidecar import SUFFIX, Sidecar, load_sidecar, save_sidecar
from gateway.client.media import MediaClient, sha256_in
from services.chassis.blobs import Blob, sha256_of
from services.chassis.errors import NotFoundError


def planned_stems(recordings: Sequence[Imported], folder: Path) -> dict[str, str]:
    """Returns the stem of each recording's files, by its id; no two are the same.

    A stem belongs to the recording that has it already, be it from an earlier call.
    """
    owners: dict[str, str] = {}
    stems: dict[str, str] = {}
    for each in recordings:
        recording_id = each.recording.recording_id
        name = Path(each.recording.display_name or each.path.name)
        wanted = stem_of(name, recording_id, ())
        owner = owners.get(wanted.casefold()) or _owner_on_disk(folder / f"{wanted}{SUFFIX}")
        taken = {wanted} if owner and owner != recording_id else ()
        stems[recording_id] = stem_of(name, recording_id, taken)
        owners[stems[recording_id].casefold()] = recording_id
    return stems


def carried_files(sidecar: Sidecar, source: Path, target: Path) -> dict[str, str]:
    """Returns the files that a sidecar in `source` names, as seen from `target`."""
    return {
        kind: os.path.relpath((source / name).absolute(), target.absolute())
        for kind, name in sidecar.files.items()
    }


def write_sidecar(folder: Path, stem: str, sidecar: Sidecar) -> None:
    """Writes the sidecar of the files that were just written."""
    save_sidecar(folder / f"{stem}{SUFFIX}", sidecar, tool_version=version("tts-trainer"))


async def restored_uri(
    media: MediaClient, uri: str, folder: Path, name: str | None, *, may_differ: bool = False
) -> str:
    """Makes sure that the store has an artifact of an earlier stage, and returns its URI.

    The store may be another machine's, or may have lost it: then the file beside the sidecar is
    brought back. A file that a person has changed counts as it is now, where that makes sense.

    Raises:
        NotFoundError: it is in neither place, or the file was changed and may not be.
    """
    path = folder / name if name else None
    if path is None or not path.is_file():
        sha256 = sha256_in(uri)
        if sha256 and await media.holds(sha256):
            return uri
        where = f" and there is no file {path.name!r}" if path else ""
        message = f"The store does not have {uri}{where}: run the stage that made it again."
        raise NotFoundError(message, reason="ARTIFACT_LOST")
    found = Blob(sha256_of(path), path.stat().st_size)
    if found.uri != uri and not may_differ:
        message = f"{path.name!r} was changed since it was written: run the stage again."
        raise NotFoundError(message, reason="FILE_CHANGED")
    if not await media.holds(found.sha256):
        await media.import_recording(path, lambda _: None)
    return found.uri


def _owner_on_disk(path: Path) -> str:
    sidecar = load_sidecar(path)
    return sidecar.recording.recording_id if sidecar else ""
