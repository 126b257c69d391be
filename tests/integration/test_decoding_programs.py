"""Programs that we run on untrusted input: bounded, without our secrets, never left behind."""

import asyncio
import sys
from pathlib import Path

import pytest

from services.decoding import programs
from tests.eventually import eventually

LIMIT_SECONDS = 20.0
PARENT = """
import asyncio, sys
from services.decoding import programs
command = ["sh", "-c", "echo $$ > $0; while true; do sleep 0.1; done", sys.argv[1]]
asyncio.run(programs.run(command, on_output=print, limit_seconds=60))
"""


def is_running(pid: int) -> bool:
    """Says whether there is such a process, other than as a zombie."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


async def test_a_program_dies_with_a_service_that_is_killed(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    service = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, str(pid_file))
    await eventually(lambda: pid_file.exists() and pid_file.read_text())
    pid = int(pid_file.read_text())
    assert is_running(pid)
    service.kill()
    await service.wait()
    await eventually(lambda: not is_running(pid))


async def test_our_secrets_are_not_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTSTRAINER_S3_SECRET_KEY", "hidden")
    output = bytearray()
    await programs.run(["env"], on_output=output.extend, limit_seconds=LIMIT_SECONDS)
    assert b"PATH=" in output
    assert b"TTSTRAINER" not in output


async def test_endless_complaints_are_kept_to_their_end(tmp_path: Path) -> None:
    script = "yes a long complaint | head -c 5000000 >&2; echo the last one >&2; exit 3"
    finished = await programs.run(
        ["sh", "-c", script], on_output=lambda _: None, limit_seconds=LIMIT_SECONDS
    )
    assert finished.exit_code == 3
    assert finished.complaints.endswith("the last one\n")
    assert len(finished.complaints) == programs.TAIL_BYTES


async def test_whoever_reads_the_output_can_end_the_program(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"

    def refuse(_: bytes) -> None:
        raise ValueError("seen enough")

    with pytest.raises(ValueError, match="seen enough"):
        await programs.run(
            ["sh", "-c", "echo $$ > $0; exec yes", str(pid_file)],
            on_output=refuse,
            limit_seconds=LIMIT_SECONDS,
        )
    assert not is_running(int(pid_file.read_text()))


async def test_a_program_that_is_not_there_has_the_shell_s_exit_code() -> None:
    finished = await programs.run(
        ["no-such-program"], on_output=lambda _: None, limit_seconds=LIMIT_SECONDS
    )
    assert finished.exit_code == 127
