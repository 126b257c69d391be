"""Logs are lines of JSON that give away nothing."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from services.chassis.log import configure_logging
from tests.fakes.serving import settings_for_tests


@pytest.fixture(autouse=True)
def untouched_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def test_a_line_is_json_with_the_service_the_level_and_the_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging(settings_for_tests({"log_format": "json"}))
    structlog.get_logger().info("step.finished", run_id="r1")
    line = json.loads(capsys.readouterr().err)

    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "step.finished",
        "run_id": "r1",
        "service": "service",
        "level": "info",
    }


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_traceback_shows_no_local_variables(
    capsys: pytest.CaptureFixture[str], log_format: str
) -> None:
    def transcribe() -> None:
        transcript = "my secret" + " words"
        raise RuntimeError(str(len(transcript)))

    configure_logging(settings_for_tests({"log_format": log_format}))
    try:
        transcribe()
    except RuntimeError:
        structlog.get_logger().exception("step.failed")
    said = capsys.readouterr().err

    assert "RuntimeError" in said
    assert "transcribe" in said
    assert "secret words" not in said


def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(settings_for_tests({"log_level": "warning"}))
    structlog.get_logger().info("step.finished")

    assert capsys.readouterr().err == ""


def test_libraries_speak_the_same_language(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(settings_for_tests({"log_format": "json"}))
    logging.getLogger("library").warning("it is %s", "late")
    logging.getLogger("library").info("all is well")
    line = json.loads(capsys.readouterr().err)

    assert (line["event"], line["service"], line["level"]) == ("it is late", "service", "warning")


def test_json_is_chosen_where_no_terminal_listens(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(settings_for_tests())
    structlog.get_logger().info("step.finished")

    assert json.loads(capsys.readouterr().err)["event"] == "step.finished"
