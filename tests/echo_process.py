"""The echo service as a process of its own: `python -m tests.echo_process`, and its supervisor.

Over gRPC it answers, and then does what it was told: "hold" waits for ever, "block" holds a
thread. Over the queue of METHOD it does the work of `tests.probing`.
"""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

from services.chassis.service import Edges, Resources, run
from services.chassis.settings import ServiceSettings
from tests.eventually import eventually
from tests.fakes.echo import SERVICE_NAME, EchoService
from tests.probing import STEP_EVENTS, Probing

METHOD = "ttstrainer.test.v1.EchoProcess.Probe"
THREAD_SECONDS = 60.0


class EchoSettings(ServiceSettings):
    """The chassis' settings and one of its own."""

    service_name: ClassVar[str] = "echo"

    fails_in_background: bool = False
    """Whether a background loop raises at once."""


async def respond(text: str) -> AsyncIterator[str]:
    """Answers, and does what it was told."""
    yield text
    if text == "hold":
        await asyncio.Event().wait()
    if text == "block":
        await asyncio.to_thread(time.sleep, THREAD_SECONDS)


@asynccontextmanager
async def compose(settings: EchoSettings, resources: Resources) -> AsyncIterator[Edges]:
    """Builds the service."""

    async def loop() -> None:
        if settings.fails_in_background:
            raise RuntimeError("broken loop")

    (resources.scratch / "in-use").touch()
    yield Edges(
        register=EchoService(respond).register,
        service_names=(SERVICE_NAME,),
        work=(Probing(method=METHOD).handler,),
        background=(loop,),
    )


class EchoProcess:
    """A running echo service."""

    def __init__(self, folder: Path, process: asyncio.subprocess.Process) -> None:
        """Use `echo_process` instead."""
        self.folder = folder
        self.process = process

    @property
    def said(self) -> str:
        """What it wrote to standard error so far."""
        return (self.folder / "echo.log").read_text()

    def line(self, event: str) -> dict[str, Any] | None:
        """Returns the first line of its log about `event`."""
        lines = [json.loads(line) for line in self.said.splitlines() if line.startswith("{")]
        return next((line for line in lines if line["event"] == event), None)

    async def started(self) -> Self:
        """Waits until it serves."""
        await eventually(lambda: self.line("service.started"), within_seconds=20)
        return self

    @property
    def address(self) -> str:
        """Where it serves gRPC."""
        return str((self.line("service.started") or {})["address"])

    @property
    def metrics_address(self) -> str:
        """Where it serves Prometheus."""
        return str((self.line("service.started") or {})["metrics_address"])

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal."""
        self.process.send_signal(number)

    async def exit_code(self, within_seconds: float = 30) -> int:
        """Waits for its end."""
        return await asyncio.wait_for(self.process.wait(), within_seconds)


@asynccontextmanager
async def echo_process(
    folder: Path, environment: Mapping[str, str] | None = None, command: tuple[str, ...] = ()
) -> AsyncIterator[EchoProcess]:
    """Starts the service on free ports; `command` goes before it."""
    with (folder / "echo.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command,
            *(sys.executable, "-m", "tests.echo_process"),
            env={**echo_environment(folder), **(environment or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield EchoProcess(folder, process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def echo_environment(folder: Path) -> dict[str, str]:
    """Returns an environment in which the service touches `folder` alone."""
    inherited = {name: value for name, value in os.environ.items() if "TTSTRAINER" not in name}
    return inherited | {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TTSTRAINER_STORE_URL": (folder / "store").absolute().as_uri(),
        "TTSTRAINER_SCRATCH_DIR": str(folder / "scratch"),
        "TTSTRAINER_DRAIN_SECONDS": "10",
        "TTSTRAINER_ACK_WAIT_SECONDS": "1",
    }


if __name__ == "__main__":
    run(EchoSettings, compose, step_events=STEP_EVENTS)
