"""Nobody is left behind when a parent is killed."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.echo_process import EchoProcess, echo_environment
from tests.eventually import eventually

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a process that its parent died"
)

STARTER = """
import os, subprocess, sys, time
environment = dict(os.environ)
if "--name-the-parent" in sys.argv:
    sys.argv.remove("--name-the-parent")
    environment["TTSTRAINER_PARENT_PID"] = str(os.getpid())
child = subprocess.Popen(sys.argv[1:], env=environment)
print(child.pid, flush=True)
time.sleep(600)
"""


async def start(folder: Path, *command: str) -> tuple[asyncio.subprocess.Process, int]:
    """Returns a process and the id of its child, which runs `command`."""
    with (folder / "echo.log").open("wb") as log:
        starter = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", STARTER, *command),
            env=echo_environment(folder),
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    assert starter.stdout is not None
    return starter, int(await starter.stdout.readline())


def is_running(pid: int) -> bool:
    """Zombies do not count: whoever adopts them has to reap them."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def name_of(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


async def test_a_service_drains_and_ends_when_the_parent_it_was_told_of_is_killed(
    tmp_path: Path,
) -> None:
    service = (sys.executable, "-m", "tests.echo_process")
    starter, pid = await start(tmp_path, "--name-the-parent", *service)
    await EchoProcess(tmp_path, starter).started()
    starter.kill()
    await starter.wait()
    await eventually(lambda: not is_running(pid))

    assert EchoProcess(tmp_path, starter).line("service.stopped")


async def test_a_tethered_program_ends_with_its_starter(tmp_path: Path) -> None:
    tether = (sys.executable, "-m", "services.chassis.tether")
    starter, pid = await start(tmp_path, *tether, "sleep", "600")
    await eventually(lambda: name_of(pid) == "sleep")
    starter.kill()
    await starter.wait()

    await eventually(lambda: not is_running(pid))


async def test_a_tethered_program_that_is_missing_is_named(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.chassis.tether", "no-such-program"),
        env=echo_environment(tmp_path),
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()

    assert process.returncode == 127
    assert said.decode() == "no-such-program: No such file or directory\n"


async def test_a_service_does_not_tell_its_children_of_its_own_parent(tmp_path: Path) -> None:
    shown = (
        "import os;"
        "from services.chassis.process.parent import die_with_named_parent as die; die();"
        "print('TTSTRAINER_PARENT_PID' in os.environ)"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", shown),
        env=echo_environment(tmp_path) | {"TTSTRAINER_PARENT_PID": str(os.getpid())},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()

    assert said == b"False\n"
