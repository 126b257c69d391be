"""Unpacks an exported dataset into a folder, and never over somebody else's files."""

import json
import shutil
import tarfile
import tempfile
from pathlib import Path

from gateway.cli.errors import CommandError, UsageError
from gateway.cli.names import printable
from gateway.cli.output import check_folder

DESCRIPTION = "dataset.json"
UNFINISHED = ".unpacking-"
"""How the names of folders begin in which an export is being made."""
# What an export of any format may hold at its top; nothing else in the folder is ever touched.
EXPORTED = frozenset(
    {
        "data",
        "dataset.json",
        "metadata.csv",
        "metadata_eval.csv",
        "metadata_train.csv",
        "metadata_validation.csv",
        "rejected",
        "report.html",
        "wavs",
    }
)


def check_output_folder(folder: Path, dataset_id: str, *, force: bool) -> None:
    """Makes sure, before hours of work, that the export may go there.

    Raises:
        UsageError: nothing can be written there, or it holds something other than this dataset.
    """
    check_folder(folder)
    if force or not folder.exists() or all(_is_unfinished(each) for each in folder.iterdir()):
        return
    holds = exported_dataset_id(folder)
    if holds == dataset_id:
        return
    shown = printable(str(folder))
    what = f"the dataset {holds!r}" if holds else "other files"
    raise UsageError(
        f"{shown} holds {what}: name another folder with --output, or use --force to put the "
        "dataset there all the same."
    )


def exported_dataset_id(folder: Path) -> str:
    """Returns which dataset was exported to `folder`, or an empty text."""
    try:
        content = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        return str(content["dataset_id"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def unpack(archive: Path, folder: Path) -> None:
    """Puts what is in the tar file `archive` into `folder`, in place of an earlier export.

    Raises:
        CommandError: the archive is damaged, or tries to write outside the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Inside the folder, so that moving its entries into place is a rename on one file system.
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=folder) as name:
        fresh = Path(name)
        try:
            with tarfile.open(archive) as tar:
                tar.extractall(fresh, filter="data")
        except tarfile.TarError as error:
            raise CommandError("The exported archive is damaged: export it again.") from error
        for old in (folder / entry for entry in EXPORTED):
            _remove(old)
        for entry in sorted(fresh.iterdir()):
            _remove(folder / entry.name)
            entry.rename(folder / entry.name)


def _is_unfinished(path: Path) -> bool:
    return path.name.startswith(UNFINISHED)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
