"""The product as compose runs it, under a project name of its own."""

import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.containers.engine import ROOT, docker, inspect

PORTS = {
    "media": 50051,
    "audio-qc": 50052,
    "transcription": 50053,
    "dataset": 50054,
    "pipeline": 50055,
    "inference": 50057,
}
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class ComposeStack:
    """One project: `docker compose --project-name NAME -f FILE ... COMMAND`."""

    project: str
    environment_file: Path
    overlays: Sequence[str] = ()
    """Names of files in deploy/compose, without their ending."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Set over those of the file, as in a shell."""

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs one command of compose."""
        files = ["docker-compose.yml", *(f"deploy/compose/{name}.yml" for name in self.overlays)]
        options = ["--project-name", self.project, "--env-file", str(self.environment_file)]
        options += [part for name in files for part in ("-f", name)]
        ended = subprocess.run(
            [*program(), *options, *arguments],
            cwd=ROOT,
            env={**_inherited(), **self.variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0 or not check, f"{arguments}: {ended.stderr[-3000:]}"
        return ended

    def down(self) -> None:
        """Takes everything away, volumes too."""
        patience = ("--timeout", "40")
        profiles = ("--profile", "workers", "--profile", "bot")
        self.run(*profiles, "down", "--volumes", "--remove-orphans", *patience)

    def services(self) -> set[str]:
        """Returns the names of the services that `up` starts."""
        named = self.run("config", "--services").stdout.split()
        return {name for name in named if not name.endswith("-worker") and name != "bot"}

    def containers(self, service: str = "") -> list[str]:
        """Returns the names of the project's containers, or of those of one service."""
        label = "label=com.docker.compose"
        filters = ["--filter", f"{label}.project={self.project}"]
        if service:
            filters += ["--filter", f"{label}.service={service}"]
        return sorted(docker("ps", "--all", *filters, "--format", "{{.Names}}").split())

    @property
    def host(self) -> str:
        """Where the stack publishes its ports."""
        return self.environment().get("PUBLISH_ADDRESS", HOST)

    def address(self, service: str) -> str:
        """Returns where a service answers gRPC on this machine."""
        return f"{self.host}:{PORTS[service]}"

    def environment(self) -> dict[str, str]:
        """Returns what stands in the file of the environment."""
        lines = self.environment_file.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")

    def leftovers(self) -> str:
        """Returns what the engine still has of the project: containers, networks, volumes."""
        label = f"label=com.docker.compose.project={self.project}"
        kinds = (["ps", "--all"], ["network", "ls"], ["volume", "ls"])
        return "".join(docker(*kind, "--quiet", "--filter", label) for kind in kinds)


def wait_until_healthy(stack: ComposeStack, within_seconds: float = 180) -> None:
    """Waits until each container is healthy, or has ended well where it was to end."""
    deadline = time.monotonic() + within_seconds
    while unready := [name for name in stack.containers() if not _is_ready(inspect(name)["State"])]:
        assert time.monotonic() < deadline, f"not healthy in time: {unready}"
        time.sleep(0.5)


def _is_ready(state: Mapping[str, Any]) -> bool:
    if "Health" in state:
        return bool(state["Health"]["Status"] == "healthy")
    return bool(state["Status"] == "exited" and state["ExitCode"] == 0)


def program() -> list[str]:
    """Returns how compose is called on this machine: v2 when it is there, else 1.29."""
    with_plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    if with_plugin.returncode == 0:
        return ["docker", "compose"]
    assert shutil.which("docker-compose"), "neither docker compose nor docker-compose is installed"
    return ["docker-compose"]


def _inherited() -> dict[str, str]:
    """The environment without what would reach the containers from this shell."""
    ours = ("TTSTRAINER_", "NATS_", "S3_", "IMAGE_", "COMPOSE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
