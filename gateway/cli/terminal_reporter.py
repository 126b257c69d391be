"""Progress bars, for a person who watches."""

import time
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn
from rich.text import Text

from gateway.cli.datasets.summary import clock
from gateway.cli.names import printable

MAX_NAME_LENGTH = 32
MAX_FINISHED_ROWS = 12


class TerminalReporter:
    """A bar for each recording that is worked on, and one for everything together."""

    def __init__(self, output: Console, messages: Console) -> None:
        """Shows results on `output`, bars and messages on `messages`."""
        self._output = output
        self._messages = messages
        self._bars = Progress(
            TextColumn("{task.description}"),
            TextColumn("[cyan]{task.fields[stage]:<12}"),
            BarColumn(bar_width=28),
            TaskProgressColumn(),
            TextColumn("{task.fields[detail]}"),
            console=messages,
            transient=False,
        )
        self._tasks: dict[str, TaskID] = {}
        self._settled: list[str] = []
        self._overall: TaskID | None = None
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        """Draws nothing before there is something to show: a question may come first."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leaves the last state of the bars on the screen."""
        self._bars.stop()

    def note(self, text: str) -> None:
        """A line above the bars."""
        self._messages.print(Text(text, style="dim"), soft_wrap=True)

    def progress(self, recording: str, stage: str, ratio: float) -> None:
        """Moves the recording's bar."""
        self._bars.update(self._task(recording), stage=stage, completed=100 * ratio, detail="")

    def finished(self, recording: str, stage: str, detail: str) -> None:
        """Fills the recording's bar."""
        self._bars.update(
            self._task(recording), stage=stage, completed=100, detail=f"[green]{escape(detail)}"
        )
        self._settle(recording)

    def failed(self, recording: str, stage: str, reason: str, message: str) -> None:
        """Marks the recording, and says why above the bars."""
        task = self._task(recording)
        self._bars.update(task, stage=stage, detail="[red]left out")
        self._bars.stop_task(task)
        line = Text.assemble(
            ("left out ", "red"), (printable(recording), "bold"), f" at {stage}: {message}"
        )
        self._messages.print(line)

    def overall(self, ratio: float) -> None:
        """Moves the bar of everything together."""
        if self._overall is None:
            self._bars.start()
            self._overall = self._bars.add_task("[bold]all", total=100, stage="", detail="")
        elapsed = clock(time.monotonic() - self._started)
        self._bars.update(self._overall, completed=100 * ratio, detail=elapsed)

    def result(self, payload: Mapping[str, object], shown: Iterable[RenderableType]) -> None:
        """What came of it, below the bars, which are done."""
        self._bars.stop()
        for renderable in shown:
            self._output.print(renderable)

    def error(self, reason: str, message: str) -> None:
        """Why the command could not go on, below the bars."""
        self._bars.stop()
        self._messages.print(Text.assemble(("Error: ", "bold red"), message))

    def _task(self, recording: str) -> TaskID:
        if recording not in self._tasks:
            self._bars.start()
            name = escape(_shortened(printable(recording)))
            self._tasks[recording] = self._bars.add_task(name, total=100, stage="", detail="")
        return self._tasks[recording]

    def _settle(self, recording: str) -> None:
        """Keeps the screen to the rows that matter: of many finished ones the oldest goes."""
        if recording in self._settled:
            self._settled.remove(recording)
        self._settled.append(recording)
        if len(self._tasks) > 2 * MAX_FINISHED_ROWS and len(self._settled) > MAX_FINISHED_ROWS:
            self._bars.update(self._tasks[self._settled.pop(0)], visible=False)


def _shortened(name: str) -> str:
    if len(name) <= MAX_NAME_LENGTH:
        return name
    half = (MAX_NAME_LENGTH - 1) // 2
    return f"{name[:half]}…{name[-half:]}"
