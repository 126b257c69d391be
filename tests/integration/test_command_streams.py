"""The command where a standard stream is closed or full."""

import subprocess
import sys

ASKS = ("voices", "delete", "ada")
"""A command that would ask, and so ends before it starts anything."""
ADVICE = "Nobody is there to ask: agree with --yes."


def command(*arguments: str, redirected: str) -> subprocess.CompletedProcess[str]:
    script = f'exec "$0" -m gateway.cli "$@" {redirected}'
    return subprocess.run(
        ["/bin/sh", "-c", script, sys.executable, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_command_without_input_and_output_ends_like_any_other() -> None:
    ended = command(*ASKS, redirected="<&- >&-")
    assert ended.returncode == 2
    assert ADVICE in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_error_that_cannot_be_told_on_a_full_disk_is_told_the_terminal() -> None:
    ended = command(*ASKS, "--json", redirected="> /dev/full")
    assert ended.returncode == 2
    assert ADVICE in ended.stderr
    assert "Traceback" not in ended.stderr
