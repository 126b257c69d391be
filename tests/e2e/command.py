"""The `tts-trainer` command as a program uses it: arguments in, JSON lines and an exit code out."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

PROGRAM = Path(sys.executable).with_name("tts-trainer")
# A step whose worker was killed is taken over after this time: short, so that tests are.
ACK_WAIT_SECONDS = "3"

Event = dict[str, Any]


def environment(home: Path, **settings: str) -> dict[str, str]:
    """Returns the environment of a user whose data folder is `home`, and of nobody else's."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("TTSTRAINER_")
    }
    own = {"TTSTRAINER_HOME": str(home), "TTSTRAINER_ACK_WAIT_SECONDS": ACK_WAIT_SECONDS}
    return inherited | own | settings


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended."""

    exit_code: int
    events: list[Event]
    messages: str
    """What stood on standard error."""

    @property
    def result(self) -> Event:
        """The last event, which must be the result."""
        assert self.events, self.messages
        assert self.events[-1]["type"] == "result", self.events[-1]
        return self.events[-1]

    @property
    def error(self) -> Event:
        """The last event, which must be an error."""
        assert self.events, self.messages
        assert self.events[-1]["type"] == "error", self.events[-1]
        return self.events[-1]


class Command:
    """A command that runs; at the end of the block it has ended, in one way or another."""

    def __init__(
        self, *arguments: str | Path, home: Path, settings: Mapping[str, str] | None = None
    ) -> None:
        """Starts it; paths are absolute, and it runs in a folder of its own."""
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.events: list[Event] = []
        self._messages = TemporaryFile()  # noqa: SIM115 - closed at the end of the block
        self._process = subprocess.Popen(
            [PROGRAM, *arguments, "--json"],
            env=environment(home, **(settings or {})),
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._messages,
            text=True,
        )

    @property
    def pid(self) -> int:
        """The command's process."""
        return self._process.pid

    def until(self, condition: Callable[[Event], bool]) -> Event:
        """Reads on until there is such an event, and returns it."""
        for event in self._read():
            if condition(event):
                return event
        message = f"ended with {self.events[-3:]} before it happened"
        raise AssertionError(message)

    def signal(self, number: int) -> None:
        """Sends the command, and it alone, a signal."""
        self._process.send_signal(number)

    def ended(self) -> Ended:
        """Waits for the end."""
        for _ in self._read():
            pass
        exit_code = self._process.wait()
        self._messages.seek(0)
        messages = self._messages.read().decode(errors="replace")
        return Ended(exit_code, self.events, messages)

    def _read(self) -> Iterator[Event]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.events.append(json.loads(line))
            yield self.events[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends it by force where it still runs."""
        self._process.kill()
        self._process.wait()
        self._messages.close()
        if self._process.stdout is not None:
            self._process.stdout.close()


def tts_trainer(
    *arguments: str | Path, home: Path, settings: Mapping[str, str] | None = None
) -> Ended:
    """Runs a command to its end."""
    with Command(*arguments, home=home, settings=settings) as command:
        return command.ended()


def run_pipeline(
    videos: Path, output: Path, *options: str, home: Path, voice: str = "ada"
) -> Ended:
    """Runs the pipeline on a file or folder with the smallest model."""
    return tts_trainer(*pipeline_arguments(videos, output, *options, voice=voice), home=home)


def pipeline_arguments(
    videos: Path, output: Path, *options: str, voice: str = "ada"
) -> tuple[str | Path, ...]:
    """Returns how the pipeline is run on a file or folder with the smallest model."""
    places = ("--input", videos, "--output", output)
    return ("run-pipeline", *places, "--voice", voice, "--model", "tiny.en", *options)
