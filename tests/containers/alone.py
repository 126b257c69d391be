"""One image by itself, in a container that may do no more than those of the stack."""

import subprocess
from collections.abc import Iterable

from tests.containers.engine import make_images

TAG = "alone"
CONFINED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true")


def make_image(component: str) -> str:
    """Builds the image of a component and returns its name."""
    make_images(component, tag=TAG)
    return f"tts-trainer/{component}:{TAG}"


def ran(image: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in a container of the image, in the place of its service."""
    name, *arguments = command
    return _ran("--entrypoint", name, image, *arguments)


def started_with(image: str, settings: Iterable[str]) -> subprocess.CompletedProcess[str]:
    """Starts the service with settings (NAME=value) with which it ends by itself."""
    return _ran(*variables(settings), image)


def variables(settings: Iterable[str]) -> list[str]:
    """Returns what tells `docker run` of settings."""
    return [part for each in settings for part in ("--env", each)]


def _ran(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["docker", "run", "--rm", *CONFINED, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)
