"""What programs and logs are told."""

import io
import json

import pytest
from rich.console import Console
from rich.text import Text

from gateway.cli.reporter import JsonReporter, LineReporter


def spoken_by_json() -> tuple[JsonReporter, io.StringIO]:
    output = io.StringIO()
    return JsonReporter(output), output


def lines(output: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


def test_json_is_one_object_a_line_whatever_a_name_holds() -> None:
    reporter, output = spoken_by_json()
    reporter.finished("line\nbreak \udcff.mp4", "extract", "ok")
    reporter.failed("a", "probe", "EMPTY", "It is empty.")
    reporter.result({"exit_code": 3}, [])
    assert [line["type"] for line in lines(output)] == ["finished", "failed", "result"]
    assert str(lines(output)[0]["recording"]).startswith("line\nbreak ")


def test_json_tells_progress_once_a_percent() -> None:
    reporter, output = spoken_by_json()
    for thousandth in range(1001):
        reporter.progress("a", "extract", thousandth / 1000)
    assert len(lines(output)) == 101


def test_plain_lines_hold_no_control_characters() -> None:
    output = io.StringIO()
    console = Console(file=output, width=80)
    reporter = LineReporter(console, console)
    with reporter:
        reporter.finished("\x1b[31mred\n.mp4", "extract", "[bold]not markup[/bold]")
        reporter.failed("b.mp4", "probe", "EMPTY", "x" * 200)
        reporter.result({}, [Text("done")])
    told = output.getvalue()
    assert "\x1b" not in told
    assert told.splitlines()[0] == "\\x1b[31mred\\n.mp4: extract done ([bold]not markup[/bold])"
    assert "x" * 200 in told


def test_nothing_but_an_error_follows_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    reporter, output = spoken_by_json()
    reporter.result({"exit_code": 0}, [])
    reporter.note("Other commands still use this stack.")
    assert [json.loads(line)["type"] for line in output.getvalue().splitlines()] == ["result"]
    assert "Other commands" in capsys.readouterr().err
