"""A reporter that remembers what it was told."""

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self

from rich.console import RenderableType


class RecordingReporter:
    """Keeps everything as tuples, in order."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []
        self.payload: Mapping[str, object] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    def note(self, text: str) -> None:
        self.told.append(("note", text))

    def progress(self, recording: str, stage: str, ratio: float) -> None:
        self.told.append(("progress", recording, stage, ratio))

    def finished(self, recording: str, stage: str, detail: str) -> None:
        self.told.append(("finished", recording, stage, detail))

    def failed(self, recording: str, stage: str, reason: str, message: str) -> None:
        self.told.append(("failed", recording, stage, reason, message))

    def overall(self, ratio: float) -> None:
        self.told.append(("overall", ratio))

    def result(self, payload: Mapping[str, object], shown: Iterable[RenderableType]) -> None:
        self.payload = payload

    def error(self, reason: str, message: str) -> None:
        self.told.append(("error", reason, message))
