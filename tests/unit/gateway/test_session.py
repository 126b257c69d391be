"""How a command ends that could not go on."""

import json
from collections.abc import Awaitable

import pytest
import typer

from gateway.cli.exit_status import ExitStatus
from gateway.cli.session import Session, run_command


def test_a_question_that_nobody_answers_ends_the_command_and_is_no_bug(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def command(session: Session) -> Awaitable[ExitStatus]:
        raise typer.Abort  # what a Ctrl-D at a question comes to

    assert run_command(command, as_json=True) is ExitStatus.FAILED
    error = json.loads(capsys.readouterr().out)
    assert (error["reason"], error["message"]) == ("NO_ANSWER", "No answer: nothing was changed.")
