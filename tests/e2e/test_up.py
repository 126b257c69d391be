"""`tts-trainer up` serves at the usual ports until it is told to end, and then leaves nothing."""

import os
import signal
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import pytest

from gateway.embedded.ports import LENT_SECONDS, listened_ports
from gateway.embedded.stack import NATS_PORT
from gateway.services import ALL, LOOPBACK
from tests.e2e.command import PROGRAM, environment, tts_trainer
from tests.e2e.processes import MARKS, processes_of
from tests.servers import accepts

USUAL_PORTS = [NATS_PORT, *(port for each in ALL for port in (each.port, each.metrics_port))]
STOP_SECONDS = 20

pytestmark = pytest.mark.timeout(90 + LENT_SECONDS)


@pytest.fixture
def usual_ports() -> None:
    """The ports, where nobody else serves there."""
    if listened_ports(LOOPBACK, USUAL_PORTS):
        pytest.skip("the usual ports are somebody else's")


@pytest.mark.usefixtures("usual_ports")
@pytest.mark.parametrize(("ending", "token"), [(signal.SIGINT, ""), (signal.SIGTERM, "wrong")])
def test_the_stack_serves_at_the_usual_ports_until_it_is_told_to_end(
    ending: signal.Signals, token: str, tmp_path: Path
) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    with (
        TemporaryFile() as messages,
        subprocess.Popen(
            [PROGRAM, "up"],
            env=environment(home, DISCORD_TOKEN=token),
            stdout=subprocess.PIPE,
            stderr=messages,
            text=True,
        ) as up,
    ):
        assert up.stdout is not None
        shown = ""
        while "Ctrl-C stops everything." not in shown:
            line = up.stdout.readline()
            assert line, shown
            shown += line
        assert all(str(service.port) in shown for service in ALL)
        if token:  # a bot that Discord does not let in takes nobody along
            wait_for("The Discord bot does not run: Discord ", messages)
        assert len(processes_of(home)) == len(MARKS) + 1
        listed = tts_trainer("runs", "list", "--server", "localhost", home=elsewhere)
        assert listed.result["runs"] == []
        up.send_signal(ending)
        assert up.wait(STOP_SECONDS) == 0
        assert "Traceback" not in all_of(messages)
    assert processes_of(home) == {}
    assert [port for port in USUAL_PORTS if accepts(port)] == []


def all_of(file: IO[bytes]) -> str:
    """Returns what was written to a file so far."""
    return os.pread(file.fileno(), 1 << 20, 0).decode()


def wait_for(words: str, file: IO[bytes]) -> None:
    """Waits until they stand there."""
    deadline = time.monotonic() + 60
    while words not in all_of(file):
        assert time.monotonic() < deadline, all_of(file)
        time.sleep(0.1)
