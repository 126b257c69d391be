"""One child process that is started again when it dies."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from gateway.embedded.errors import StackError
from gateway.embedded.log_files import (
    LOG_CHECK_SECONDS,
    MAX_LOG_BYTES,
    keep_bounded,
    last_lines,
    rotated,
)
from services.chassis.beside import running_beside

MAX_QUICK_DEATHS = 5
QUICK_DEATH_SECONDS = 20.0
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
BAD_SETTINGS_STATUS = 2
READY_POLL_SECONDS = 0.1

Readiness = Callable[[], Awaitable[bool]]


class ChildState(StrEnum):
    """Where a child stands."""

    STARTING = "starting"
    RUNNING = "running"
    RESTARTING = "restarting"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What to start, and how to tell that it is up."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log_file: Path
    is_ready: Readiness
    """Says whether the child answers; asked again and again, and never raises."""
    start_seconds: float = 60.0
    """How long it may take to come up."""
    stop_seconds: float = 10.0
    """How long it may take to end once it was asked to."""
    must_start: bool = False
    """Whether it is given up when it ends before it has ever answered."""
    max_log_bytes: int = MAX_LOG_BYTES
    log_check_seconds: float = LOG_CHECK_SECONDS


@dataclass(slots=True)
class Child:
    """A process with this specification, or its successor."""

    spec: ChildSpec
    state: ChildState = ChildState.STARTING
    restart_count: int = 0
    _process: asyncio.subprocess.Process | None = field(default=None, repr=False)
    _stopping: bool = False
    _ready: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def ready(self) -> None:
        """Returns once the child has answered for the first time."""
        await self._ready.wait()

    async def keep_running(self) -> None:
        """Starts the process, and starts it again whenever it ends, until it is stopped.

        Raises:
            StackError: when it does not come up, refuses its settings, or keeps dying.
        """
        of = self.spec
        rotated(of.log_file)
        async with running_beside(
            keep_bounded(of.log_file, of.max_log_bytes, of.log_check_seconds)
        ):
            await self._keep_running()
        self.state = ChildState.STOPPED

    async def _keep_running(self) -> None:
        quick_deaths = 0
        while not self._stopping:
            started = time.monotonic()
            process = await self._started()
            if self._stopping:  # while it was being started, when there was nothing to stop yet
                process.kill()
            await self._until_ready(process)
            status = await process.wait()
            if self._stopping:
                break
            lived_seconds = time.monotonic() - started
            quick_deaths = quick_deaths + 1 if lived_seconds < QUICK_DEATH_SECONDS else 1
            self._check_hope(status, quick_deaths)
            self.state = ChildState.RESTARTING
            self.restart_count += 1
            await asyncio.sleep(_pause_seconds(quick_deaths))

    async def stop(self) -> None:
        """Asks the process to end, and ends it when it takes too long."""
        self._stopping = True
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), self.spec.stop_seconds)
            except TimeoutError:
                self.kill()
                await process.wait()
        if self.state is not ChildState.FAILED:
            self.state = ChildState.STOPPED

    def kill(self) -> None:
        """Ends the process at once; it is not started again."""
        self._stopping = True
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _started(self) -> asyncio.subprocess.Process:
        with self.spec.log_file.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.spec.command,
                env=dict(self.spec.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A Ctrl-C at the terminal is for the command, which then stops its children in
                # order; they must not hear it themselves.
                start_new_session=True,
            )
        return self._process

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        deadline = time.monotonic() + self.spec.start_seconds
        while process.returncode is None and not self._stopping:
            if await self.spec.is_ready():
                self.state = ChildState.RUNNING
                self._ready.set()
                return
            if time.monotonic() > deadline:
                raise self._error(f"did not answer within {self.spec.start_seconds:.0f} seconds")
            await asyncio.sleep(READY_POLL_SECONDS)

    def _check_hope(self, status: int, quick_deaths: int) -> None:
        if status == BAD_SETTINGS_STATUS:
            raise self._error("refused its settings")
        if self.spec.must_start and not self._ready.is_set():
            raise self._error(f"did not start: it ended {_described(status)}")
        if quick_deaths >= MAX_QUICK_DEATHS:
            raise self._error(f"ended {quick_deaths} times in a row, {_described(status)}")

    def _error(self, problem: str) -> StackError:
        self.state = ChildState.FAILED
        said = last_lines(self.spec.log_file)
        message = f"The service {self.spec.name} {problem}. Its log is {self.spec.log_file}"
        return StackError(f"{message}, which ends with:\n{said}" if said else f"{message}.")


def _pause_seconds(quick_deaths: int) -> float:
    return min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** (quick_deaths - 1))


def _described(status: int) -> str:
    """Says how a process ended; asyncio reports a signal as its negative number."""
    if status >= 0:
        return f"with status {status}"
    try:
        return f"by {signal.Signals(-status).name}"
    except ValueError:
        return f"by signal {-status}"
