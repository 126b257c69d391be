"""How a command tells what it is doing: to a person at a terminal, to a log, to a program."""

import json
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import IO, Protocol, Self

from rich.console import Console, RenderableType

from gateway.cli.names import printable

LINE_PAUSE_SECONDS = 5.0


class Reporter(AbstractContextManager["Reporter"], Protocol):
    """Hears what happens and shows it; a name in it may hold any character."""

    def note(self, text: str) -> None:
        """Something a person should know."""

    def progress(self, recording: str, stage: str, ratio: float) -> None:
        """A stage of a recording has come this far, 0 to 1; cheap to call often."""

    def finished(self, recording: str, stage: str, detail: str) -> None:
        """A stage of a recording is done."""

    def failed(self, recording: str, stage: str, reason: str, message: str) -> None:
        """A recording was left out."""

    def overall(self, ratio: float) -> None:
        """Everything together has come this far, 0 to 1."""

    def result(self, payload: Mapping[str, object], shown: Iterable[RenderableType]) -> None:
        """What came of it: for programs, and for people."""

    def error(self, reason: str, message: str) -> None:
        """Why the command could not go on."""


class _Silent:
    """What every reporter shares: it needs no closing, and a progress nobody looks at."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Has nothing to put away."""

    def overall(self, ratio: float) -> None:
        """Shows nothing."""


class JsonReporter(_Silent):
    """One JSON object a line on standard output; its `type` says what it is."""

    def __init__(self, output: IO[str] | None = None) -> None:
        """Writes to `output`."""
        self._output = output or sys.stdout
        self._ratios: dict[tuple[str, str], float] = {}
        self._has_result = False

    def note(self, text: str) -> None:
        """{"type": "note", "message": ...}; on standard error once the result, the last, is out."""
        if self._has_result:
            sys.stderr.write(f"{text}\n")
        else:
            self._write(type="note", message=text)

    def progress(self, recording: str, stage: str, ratio: float) -> None:
        """{"type": "progress", "recording", "stage", "ratio"}, at most one per percent."""
        key = (recording, stage)
        rounded = round(ratio, 2)
        if self._ratios.get(key) != rounded:
            self._ratios[key] = rounded
            self._write(type="progress", recording=recording, stage=stage, ratio=rounded)

    def finished(self, recording: str, stage: str, detail: str) -> None:
        """{"type": "finished", "recording", "stage", "detail"}."""
        self._write(type="finished", recording=recording, stage=stage, detail=detail)

    def failed(self, recording: str, stage: str, reason: str, message: str) -> None:
        """{"type": "failed", "recording", "stage", "reason", "message"}."""
        self._write(type="failed", recording=recording, stage=stage, reason=reason, message=message)

    def result(self, payload: Mapping[str, object], shown: Iterable[RenderableType]) -> None:
        """{"type": "result", ...}: the last line of a command that went through."""
        self._write(type="result", **payload)
        self._has_result = True

    def error(self, reason: str, message: str) -> None:
        """{"type": "error", "reason", "message"}: the last line of one that did not."""
        self._write(type="error", reason=reason, message=message)

    def _write(self, **content: object) -> None:
        # Names of files may hold bytes that are no text; JSON has no other way to say so.
        text = json.dumps(content).encode("utf-8", "replace").decode()
        self._output.write(text + "\n")
        self._output.flush()


class LineReporter(_Silent):
    """Plain lines for logs and pipes: no colours, no control characters."""

    def __init__(self, output: Console, messages: Console) -> None:
        """Shows results on `output` and everything else on `messages`."""
        self._output = output
        self._messages = messages
        self._told: dict[str, float] = {}

    def note(self, text: str) -> None:
        """A line."""
        self._line(text)

    def progress(self, recording: str, stage: str, ratio: float) -> None:
        """A line every few seconds."""
        now = time.monotonic()
        if now - self._told.setdefault(recording, now) >= LINE_PAUSE_SECONDS:
            self._told[recording] = now
            self._line(f"{printable(recording)}: {stage} {ratio:.0%}")

    def finished(self, recording: str, stage: str, detail: str) -> None:
        """A line."""
        self._told[recording] = time.monotonic()
        self._line(f"{printable(recording)}: {stage} done" + (f" ({detail})" if detail else ""))

    def failed(self, recording: str, stage: str, reason: str, message: str) -> None:
        """A line."""
        self._line(f"{printable(recording)}: left out at {stage}: {message}")

    def result(self, payload: Mapping[str, object], shown: Iterable[RenderableType]) -> None:
        """What is meant for people, on standard output."""
        for renderable in shown:
            self._output.print(renderable)

    def error(self, reason: str, message: str) -> None:
        """A line on standard error."""
        self._line(f"Error: {message}")

    def _line(self, text: str) -> None:
        self._messages.print(text, markup=False, highlight=False, soft_wrap=True)
