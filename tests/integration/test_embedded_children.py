"""Child processes of an embedded stack: started, started again, stopped, never left behind."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.embedded.child import Child, ChildSpec, ChildState
from gateway.embedded.errors import StackError
from tests.eventually import eventually

SLEEPER = "import time; print('up', flush=True); time.sleep(3600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER


def spec(tmp_path: Path, code: str, *, stop_seconds: float = 5.0) -> ChildSpec:
    log = tmp_path / "child.log"

    async def is_ready() -> bool:
        return b"up" in log.read_bytes()

    return ChildSpec(
        name="child",
        command=[sys.executable, "-c", code],
        environment=dict(os.environ),
        log_file=log,
        is_ready=is_ready,
        start_seconds=10,
        stop_seconds=stop_seconds,
    )


@asynccontextmanager
async def kept_running(of: ChildSpec) -> AsyncIterator[Child]:
    child = Child(of)
    keeping = asyncio.create_task(child.keep_running())
    try:
        async with asyncio.timeout(20):
            await child.ready()
            yield child
    finally:
        await child.stop()
        await keeping


def is_alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


async def test_a_child_that_is_killed_is_started_again(tmp_path: Path) -> None:
    async with kept_running(spec(tmp_path, SLEEPER)) as child:
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await eventually(lambda: child.pid not in {None, first})
        await eventually(lambda: child.state is ChildState.RUNNING)
        assert child.restart_count == 1
    assert child.state is ChildState.STOPPED


async def test_the_log_of_a_child_does_not_grow_without_end(tmp_path: Path) -> None:
    chatty = "import time\nwhile True: print('up', flush=True); time.sleep(0.001)"
    of = replace(spec(tmp_path, chatty), max_log_bytes=100, log_check_seconds=0.05)
    async with kept_running(of):
        await eventually((tmp_path / "child.log.1").exists)


async def test_a_child_that_must_start_is_given_up_when_it_ends_before_it_answers(
    tmp_path: Path,
) -> None:
    child = Child(replace(spec(tmp_path, "raise SystemExit('no key')"), must_start=True))
    with pytest.raises(StackError, match=r"did not start: it ended with status 1.*\n  no key"):
        await child.keep_running()
    assert (child.state, child.restart_count) == (ChildState.FAILED, 0)


async def test_a_child_that_must_start_is_started_again_once_it_has_answered(
    tmp_path: Path,
) -> None:
    async with kept_running(replace(spec(tmp_path, SLEEPER), must_start=True)) as child:
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        await eventually(lambda: child.restart_count == 1 and child.state is ChildState.RUNNING)


async def test_a_child_that_does_not_end_is_killed(tmp_path: Path) -> None:
    async with kept_running(spec(tmp_path, STUBBORN, stop_seconds=0.3)) as child:
        pid = child.pid
        assert pid is not None
    assert not is_alive(pid)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; sys.exit('TTSTRAINER_X: bad')", "ended 5 times in a row, with status 1"),
        ("import sys; print('TTSTRAINER_X: bad'); sys.exit(2)", "refused its settings"),
    ],
)
async def test_a_child_that_cannot_live_is_given_up_with_what_it_said(
    tmp_path: Path, code: str, said: str
) -> None:
    child = Child(spec(tmp_path, code))
    with pytest.raises(StackError, match=said) as raised:
        await child.keep_running()
    assert "TTSTRAINER_X: bad" in str(raised.value)
    assert str(tmp_path / "child.log") in str(raised.value)
    assert child.state is ChildState.FAILED


async def test_the_log_is_started_afresh_and_the_last_one_kept(tmp_path: Path) -> None:
    for _ in range(2):
        async with kept_running(spec(tmp_path, SLEEPER)):
            pass
    assert (tmp_path / "child.log").read_text() == "up\n"
    assert (tmp_path / "child.log.1").read_text() == "up\n"


async def test_a_child_that_is_stopped_while_it_starts_is_not_left_behind(tmp_path: Path) -> None:
    child = Child(spec(tmp_path, "import time; time.sleep(60)"))
    keeping = asyncio.create_task(child.keep_running())
    await asyncio.sleep(0)
    await child.stop()
    async with asyncio.timeout(20):
        await keeping
    assert child.pid is None


@pytest.fixture
def stack_owner(tmp_path: Path) -> Callable[[str], subprocess.Popen[str]]:
    """Starts a process that runs a stack with NATS and the pipeline in `tmp_path`."""
    code = """
import asyncio, sys
from pathlib import Path
from gateway.embedded.data_folder import DataFolder
from gateway.embedded.shared_stack import shared_stack
from gateway.embedded.stack import transient_plan
from gateway.services import PIPELINE
import os

async def main():
    async with shared_stack(
        DataFolder(Path(sys.argv[1])), (PIPELINE,), os.environ,
        planner=transient_plan, note=lambda text: print(text, flush=True),
    ) as shared:
        children = shared.own.children if shared.own else ()
        print("up", *(child.pid for child in children), flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main())
print("down", flush=True)
"""

    def start(name: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / name)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    return start


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def finish(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


async def test_a_stack_leaves_nothing_behind_when_its_owner_is_killed(
    stack_owner: Callable[[str], subprocess.Popen[str]],
) -> None:
    with stack_owner("home") as owner:
        children = [int(pid) for pid in line(owner).split()[1:]]
        assert len(children) == 2
        owner.kill()
    await eventually(lambda: not any(is_alive(pid) for pid in children))


async def test_a_second_command_uses_the_stack_and_its_owner_waits_for_it(
    stack_owner: Callable[[str], subprocess.Popen[str]],
) -> None:
    with stack_owner("home") as owner:
        children = [int(pid) for pid in line(owner).split()[1:]]
        with stack_owner("home") as guest:
            assert line(guest) == "up", "the guest starts no children"
            finish(owner)
            assert line(owner).startswith("Other commands still use this stack")
            assert all(is_alive(pid) for pid in children)
            finish(guest)
            assert line(guest) == "down"
        assert line(owner) == "down"
    assert not any(is_alive(pid) for pid in children)


async def test_the_next_command_takes_the_folder_of_a_killed_one(
    stack_owner: Callable[[str], subprocess.Popen[str]], tmp_path: Path
) -> None:
    with stack_owner("home") as owner:
        line(owner)
        owner.kill()
    leftover = tmp_path / "home" / "scratch" / "media-x" / "half.wav"
    leftover.parent.mkdir()
    leftover.touch()
    with stack_owner("home") as heir:
        assert len(line(heir).split()) == 3
        assert not leftover.exists()
        finish(heir)
        assert line(heir) == "down"


def listing_runs(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [Path(sys.prefix) / "bin" / "tts-trainer", "runs", "list"],
        env={**os.environ, "TTSTRAINER_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("sign", ["stack.lock", "logs/nats.log", "logs/pipeline.log"])
async def test_an_interruption_while_the_stack_starts_shows_no_traceback(
    sign: str, tmp_path: Path
) -> None:
    command = listing_runs(tmp_path)
    await eventually((tmp_path / sign).exists, within_seconds=30)
    command.send_signal(signal.SIGINT)
    told, _ = command.communicate(timeout=30)
    assert "Traceback" not in told
    assert command.returncode == 130
