"""The exporter as a process: what it does with its settings, and how it ends."""

import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.deployed_s3 import ROOT
from tests.e2e.command import environment
from tests.servers import answers, free_port, wait_until_ready

PREFIX = "TTSTRAINER_NATS_EXPORTER_"
COMMAND = [sys.executable, "-m", "services.chassis.nats_exporter"]


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "many"), ("PORT", "70000"), ("MONITORING_URL", "nats:8222")]
)
def test_a_wrong_setting_ends_it_with_one_line(name: str, value: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        COMMAND,
        env=environment(tmp_path, **{PREFIX + name: value}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    [line] = ended.stderr.splitlines()
    assert PREFIX + name in line


def test_a_port_that_is_taken_ends_it_with_one_line(tmp_path: Path) -> None:
    port = free_port()
    with exporter(tmp_path, port) as first:
        wait_until_ready(first, lambda: answers(f"http://127.0.0.1:{port}/metrics"))
        with exporter(tmp_path, port) as second:
            _, said = second.communicate()
            assert second.returncode == 1
        [line] = said.decode().splitlines()
        assert str(port) in line
        first.terminate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_order_and_tells_of_a_server_that_is_away(number: int, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/metrics"
    with exporter(tmp_path, port) as process:
        wait_until_ready(process, lambda: answers(url))
        with urllib.request.urlopen(url) as answer:
            text = answer.read().decode()
        process.send_signal(number)
        process.communicate()
    assert process.returncode == 0
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(samples) == 1
    assert samples[0].startswith("gnatsd_healthz_status_value{")
    assert 'value="unreachable"} 0.0' in samples[0]


def exporter(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Starts one over a server that is not there."""
    settings = {
        PREFIX + "PORT": str(port),
        PREFIX + "MONITORING_URL": f"http://127.0.0.1:{free_port()}",
    }
    return subprocess.Popen(
        COMMAND,
        env=environment(folder, **settings),
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )
