"""What is told of a run that a person stops to watch."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.cli.runs.follow import follow, started
from gateway.cli.runs.run_view import RunView
from gateway.cli.session import Session
from services.chassis.errors import ConflictError, ServiceError, UnavailableError
from tests.fakes.reporter import RecordingReporter
from ttstrainer.pipeline.v1.pipeline_service_pb2 import Run, WatchRunResponse


class Pipeline:
    """A run that does not end by itself."""

    def __init__(self, error: ServiceError | None) -> None:
        """Answers a cancel with `error`."""
        self.error = error
        self.watched = asyncio.Event()
        self.asked = asyncio.Event()

    async def start(self) -> Run:
        """See PipelineClient; answers a moment after it has begun to start the run."""
        self.asked.set()
        await asyncio.sleep(0.01)
        return Run(run_id="r")

    async def watch(self, run_id: str) -> AsyncIterator[WatchRunResponse]:
        """See PipelineClient."""
        self.watched.set()
        await asyncio.Event().wait()
        yield WatchRunResponse()

    async def cancel(self, run_id: str) -> None:
        """See PipelineClient."""
        if self.error is not None:
            raise self.error


async def told(*, cancels: bool, error: ServiceError | None = None) -> list[str]:
    """Follows the run "r", is interrupted, and returns the notes."""
    reporter, pipeline = RecordingReporter(), Pipeline(error)
    client: Any = SimpleNamespace(pipeline=pipeline)
    following = asyncio.ensure_future(
        follow(client, Session(reporter), RunView(reporter), "r", cancels=cancels)
    )
    await pipeline.watched.wait()
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    return [str(words) for _, words in reporter.told]


async def test_a_run_that_is_only_watched_goes_on() -> None:
    assert await told(cancels=False) == []


async def test_an_interrupted_run_is_cancelled_and_can_be_gone_on_with() -> None:
    (note,) = await told(cancels=True)
    assert "run r is cancelled" in note
    assert "`tts-trainer runs retry r`" in note


async def test_a_run_that_could_not_be_cancelled_goes_on_and_that_is_told() -> None:
    (note,) = await told(cancels=True, error=UnavailableError("Nobody is there."))
    assert "could not be cancelled" in note
    assert "`tts-trainer runs cancel r`" in note


async def test_a_run_that_had_ended_by_then_is_no_worry() -> None:
    assert await told(cancels=True, error=ConflictError("It has ended.")) == []


async def test_a_run_that_is_being_started_when_it_is_interrupted_is_cancelled_too() -> None:
    reporter, pipeline = RecordingReporter(), Pipeline(None)
    client: Any = SimpleNamespace(pipeline=pipeline)
    starting = asyncio.ensure_future(started(client, Session(reporter), pipeline.start()))
    await pipeline.asked.wait()
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    ((_, note),) = reporter.told
    assert "run r is cancelled" in str(note)
