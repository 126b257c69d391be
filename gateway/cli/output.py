"""Makes sure that output may go where it shall go, before hours of work are done for it."""

from pathlib import Path
from tempfile import TemporaryFile

from gateway.cli.errors import UsageError
from gateway.cli.names import printable


def check_folder(folder: Path) -> None:
    """Returns when files can be put into `folder`, or it can be made.

    Raises:
        UsageError: they cannot.
    """
    whole = folder.absolute()
    existing = next(path for path in (whole, *whole.parents) if path.exists())
    if not existing.is_dir():
        shown = printable(str(existing))
        raise UsageError(f"{shown} is a file: name another folder with --output.")
    _check_writable(existing)


def check_file(path: Path) -> None:
    """Returns when a file can be written at `path`.

    Raises:
        UsageError: it cannot.
    """
    if path.exists() and not path.is_file():  # what is complete takes its place, also a device's
        shown = printable(str(path))
        raise UsageError(f"{shown} is no ordinary file: name another one with --output.")
    parent = path.absolute().parent
    if not parent.is_dir():
        shown = printable(str(path.parent))
        raise UsageError(f"There is no folder {shown}: make it, or name another --output.")
    _check_writable(parent)


def _check_writable(folder: Path) -> None:
    try:
        TemporaryFile(dir=folder).close()
    except OSError as error:
        message = (
            f"Nothing can be written to {printable(str(folder))} ({error.strerror}): name another "
            "place with --output."
        )
        raise UsageError(message) from error
