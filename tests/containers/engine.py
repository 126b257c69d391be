"""A Docker engine, and the images that the tests start in it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "deploy" / "docker"
BUILD_BASE = "tts-trainer/build-base"
CLIENT = 'source deploy/docker/client.sh && exec "$docker" "$@"'


def docker(*arguments: str, check: bool = True) -> str:
    """Runs the docker client and returns what it prints; its complaints show when it fails."""
    ended = subprocess.run(
        ["bash", "-c", CLIENT, "docker", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0 or not check, f"docker {arguments}: {ended.stderr}"
    return ended.stdout + ended.stderr if not check else ended.stdout


def inspect(name: str) -> dict[str, Any]:
    """Returns what the engine knows of a container or an image."""
    (found,) = json.loads(docker("inspect", name))
    return dict(found)


def answers() -> bool:
    """Says whether there is an engine."""
    return docker("info", "--format", "{{.ServerVersion}}", check=False).strip()[:1].isdigit()


def switch_engine(command: str) -> bool:
    """Starts or stops the engine; False when it could not, and then it has said why."""
    return subprocess.run([SCRIPTS / "engine.sh", command], check=False).returncode == 0


def make_images(*components: str, tag: str) -> None:
    """Builds the images of the components under `tag`, and what they stand on.

    What no registry gives is made from packages; see deploy/docker/stand_ins.
    """
    subprocess.run([SCRIPTS / "stand_ins" / "images.sh"], check=True)
    has_stand_ins = docker("images", "--quiet", BUILD_BASE).strip()
    base = {"BUILD_IMAGE": BUILD_BASE} if has_stand_ins else {}
    subprocess.run(
        [SCRIPTS / "images.sh", *components], env=os.environ | base | {"IMAGE_TAG": tag}, check=True
    )
