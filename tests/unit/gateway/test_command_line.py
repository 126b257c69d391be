"""The command line: what it takes, and how it ends."""

import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.command_line import app
from gateway.cli.doctor.packages import packages_by_extra
from gateway.cli.errors import CommandError, UsageError
from gateway.cli.exit_status import ExitStatus
from gateway.cli.session import Session, run_command
from gateway.embedded.errors import StackError
from services.chassis.errors import InvalidInputError, NotFoundError


def test_every_command_explains_itself_and_its_exit_codes() -> None:
    stages = ("extract-audio", "preprocess-audio", "transcribe", "build-dataset")
    single = [[each] for each in (*stages, "run-pipeline", "inference", "up", "doctor")]
    nested = [["runs", each] for each in ("list", "show", "watch", "cancel", "retry")]
    nested += [
        ["datasets", each] for each in ("list", "show", "clips", "review", "export", "recommend")
    ]
    nested += [
        ["voices", each]
        for each in ("create", "list", "show", "update", "compare", "delete", "preview")
    ]
    nested += [["consents", each] for each in ("grant", "list", "show", "withdraw", "statement")]
    nested += [["engines", each] for each in ("list", "load", "unload")]
    for command in [*single, *nested]:
        shown = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "80"})
        assert shown.exit_code == 0, shown.output
        assert "130 interrupted" in shown.output
        assert "…" not in shown.output, shown.output  # no name is cut short


@pytest.mark.parametrize(
    "arguments",
    [
        ["run-pipeline"],
        ["no-such-command"],
        ["run-pipeline", "--input", "x", "--format", "mp3"],
        ["extract-audio", "--input", "/no/such/file"],
    ],
)
def test_wrong_usage_ends_with_two(arguments: list[str]) -> None:
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == ExitStatus.USAGE
    assert "Traceback" not in shown.output


def test_a_server_that_does_not_answer_is_named_at_once() -> None:
    arguments = ["runs", "list", "--server", "127.0.0.1"]
    environment = {"TTSTRAINER_PIPELINE_ADDRESS": "127.0.0.1:9"}
    shown = CliRunner().invoke(app, arguments, env=environment)
    assert shown.exit_code == ExitStatus.FAILED
    assert "No pipeline service answers at 127.0.0.1:9" in shown.output


def test_a_name_that_no_voice_can_have_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "talk.mp4").touch()
    arguments = ["run-pipeline", "--input", str(tmp_path), "--voice", "../ada"]
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == ExitStatus.USAGE
    assert "cannot name a voice" in shown.output


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(app, ["--version"]).output.startswith("tts-trainer ")


def raising(error: BaseException) -> Callable[[Session], Awaitable[ExitStatus]]:
    async def command(session: Session) -> ExitStatus:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "status", "reason", "message"),
    [
        (UsageError("Name a file."), 2, "USAGE", "Name a file."),
        (CommandError("It broke."), 1, "FAILED", "It broke."),
        (StackError("NATS is missing."), 1, "FAILED", "NATS is missing."),
        (InvalidInputError("No.", reason="BAD_RATE"), 2, "BAD_RATE", "No."),
        (NotFoundError("No run x.", reason="NO_RUN"), 1, "NO_RUN", "No run x."),
        (PermissionError(13, "Permission denied", "/x"), 1, "IO", "/x: Permission denied"),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(
    error: Exception, status: int, reason: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(raising(error), as_json=True) == status
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert told == [{"type": "error", "reason": reason, "message": message}]


def test_a_bug_is_told_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(raising(ZeroDivisionError("oops"))) == ExitStatus.FAILED
    told = capsys.readouterr().err
    assert "ZeroDivisionError" in told
    assert "Traceback" not in told


def test_debugging_shows_where_it_broke() -> None:
    with pytest.raises(CommandError):
        run_command(raising(CommandError("It broke.")), debug=True)


def test_packages_are_listed_by_the_extra_that_needs_them() -> None:
    required = ["grpcio>=1.85", 'numpy>=2; extra == "media"', "typer; extra == 'gateway'"]
    expected = {"": ["grpcio"], "media": ["numpy"], "gateway": ["typer"]}
    assert packages_by_extra(required) == expected


def test_the_command_is_installed_beside_python() -> None:
    assert (Path(sys.prefix) / "bin" / "tts-trainer").exists()
