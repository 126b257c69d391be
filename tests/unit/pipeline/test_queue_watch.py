"""What is concluded from the lengths of queues."""

from datetime import timedelta

import pytest

from services.pipeline.queue_watch import QueueLength, QueueNews, QueueWatch
from services.pipeline.run_model import METHODS, Stage, StepRef
from tests.fakes.pipeline import NOW, RUN_ID

METHOD = METHODS[Stage.TRANSCRIBE]
FIRST = StepRef(RUN_ID, Stage.TRANSCRIBE, "a" * 64, 1)
SECOND = StepRef(RUN_ID, Stage.TRANSCRIBE, "b" * 64, 1)


@pytest.fixture
def watch() -> QueueWatch:
    return QueueWatch(lost_after_seconds=15, unserved_after_seconds=10)


def look(
    watch: QueueWatch,
    seconds: float,
    request_count: int,
    *,
    has_worker: bool = True,
    begun: frozenset[StepRef] = frozenset(),
) -> QueueNews:
    queue = QueueLength(request_count, has_worker)
    now = NOW + timedelta(seconds=seconds)
    return watch.look({METHOD: [FIRST, SECOND]}, {METHOD: queue}, begun, now)


def test_a_full_queue_is_no_news(watch: QueueWatch) -> None:
    assert look(watch, 0, 2) == QueueNews()
    assert look(watch, 60, 2) == QueueNews()


def test_a_request_that_is_missing_for_long_is_lost(watch: QueueWatch) -> None:
    assert look(watch, 0, 1).lost == ()
    assert look(watch, 14, 1).lost == ()
    assert look(watch, 15, 1).lost == (FIRST, SECOND)


def test_a_request_that_was_missing_for_a_moment_is_not_lost(watch: QueueWatch) -> None:
    look(watch, 0, 1)
    look(watch, 10, 2)

    assert look(watch, 20, 1).lost == ()


def test_a_step_that_a_worker_reports_on_is_not_the_lost_one(watch: QueueWatch) -> None:
    look(watch, 0, 1)

    assert look(watch, 15, 1, begun=frozenset({FIRST})).lost == (SECOND,)


def test_when_all_were_begun_any_may_be_lost(watch: QueueWatch) -> None:
    look(watch, 0, 0)

    assert look(watch, 15, 0, begun=frozenset({FIRST, SECOND})).lost == (FIRST, SECOND)


def test_a_queue_without_a_worker_is_told_after_a_while(watch: QueueWatch) -> None:
    assert look(watch, 0, 2, has_worker=False).unserved == {}

    assert look(watch, 10, 2, has_worker=False).unserved == {
        METHOD: "No worker serves TranscribeAudio: start the transcription service."
    }
    assert look(watch, 11, 2).unserved == {}
