"""Real servers for integration tests, from packages: nats-server and an S3 server (SeaweedFS)."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

READY_SECONDS = 30.0
S3_ACCESS_KEY = "test-access"
S3_SECRET_KEY = "test-secret"  # noqa: S105 - of a server that lives for one test session
S3_BUCKET = "artifacts"

_PORTS = iter(random.sample(range(10_000, 20_000), 10_000))
_CLAIMS: list[socket.socket] = []
"""UDP sockets on the ports that were given out: others on this machine see them, servers do not."""


class NatsServer:
    """A nats-server with JetStream that can be killed and started again on the same data."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        environment: Mapping[str, str] | None = None,
        port: int = 0,
    ) -> None:
        """Starts one that keeps its log in `folder`, and its data too unless `options` say more."""
        self._folder = folder
        self._port = port or free_port()
        self._options = options or ("-js", "-sd", str(folder / "data"))
        self.environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"nats://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Starts it and waits until it accepts connections."""
        command = [executable("nats-server"), "-a", "127.0.0.1", "-p", str(self._port)]
        command += self._options
        self._process = started(command, self._folder / "nats-server.log", self.environment)
        wait_until_ready(self._process, lambda: accepts(self._port))

    @property
    def said(self) -> str:
        """Its log."""
        return (self._folder / "nats-server.log").read_text()

    def kill(self) -> None:
        """Kills it without warning, as a crash or a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ends it in good order."""
        self._end(signal.SIGTERM)

    def reload(self) -> None:
        """Makes it read its configuration again."""
        assert self._process
        self._process.send_signal(signal.SIGHUP)

    def _end(self, how: signal.Signals) -> None:
        if self._process:
            self._process.send_signal(how)
            self._process.wait(timeout=READY_SECONDS)
            self._process = None


class S3Server:
    """A SeaweedFS in one process that speaks S3."""

    def __init__(self, folder: Path) -> None:
        """Starts one that keeps its data and its log in `folder`."""
        self._folder = folder
        self._ports = [free_port() for _ in range(5)]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def endpoint_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._ports[0]}"

    @property
    def store_url(self) -> str:
        """What the setting `store_url` must be to use its bucket."""
        return f"s3://{S3_BUCKET}?endpoint={self.endpoint_url}"

    def start(self) -> None:
        """Starts it and waits until it is healthy."""
        data = self._folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        s3, master, volume, filer, admin = self._ports
        command = [executable("weed"), "mini", f"-dir={data}"]
        command += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false"]
        command += [f"-s3.port={s3}", f"-master.port={master}", f"-filer.port={filer}"]
        command += [f"-volume.port={volume}", f"-admin.port={admin}", "-admin.ui=false"]
        command += ["-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
        keys = {
            "AWS_ACCESS_KEY_ID": S3_ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": S3_SECRET_KEY,
            "S3_BUCKET": S3_BUCKET,
        }
        self._process = started(command, self._folder / "weed.log", keys)
        wait_until_ready(self._process, lambda: answers(f"{self.endpoint_url}/healthz"))

    def stop(self) -> None:
        """Ends it."""
        if self._process:
            self._process.kill()
            self._process.wait(timeout=READY_SECONDS)
            self._process = None


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """One server for all tests that leave it alive; give streams and runs names of their own."""
    server = NatsServer(tmp_path_factory.mktemp("nats"))
    yield server
    server.stop()


@pytest.fixture
def own_nats_server(tmp_path: Path) -> Iterator[NatsServer]:
    """A server for one test, which may kill it."""
    server = NatsServer(tmp_path / "nats")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One server for all tests."""
    server = S3Server(tmp_path_factory.mktemp("s3"))
    yield server
    server.stop()


def executable(name: str) -> str:
    """Returns the program that a package put beside this Python."""
    path = Path(sys.executable).with_name(name)
    assert path.exists(), f"{name} is missing: run make setup"
    return str(path)


def free_port() -> int:
    """Returns a port that nobody listens on now, and whose gRPC twin (+10000) is free too.

    Never the same one twice, nor one that other tests on this machine got, even while nobody
    listens there, and never one that the system hands to outgoing connections (from 32,768 on
    Linux): between the choice and the listening such a connection may take it.
    """
    return next(
        port
        for port in _PORTS
        if not accepts(port) and not accepts(port + 10_000) and _is_claimed(port)
    )


def _is_claimed(port: int) -> bool:
    """Says whether `port` is ours from now on, until this process ends."""
    claim = socket.socket(type=socket.SOCK_DGRAM)
    try:
        claim.bind(("127.0.0.1", port))
    except OSError:
        claim.close()
        return False
    _CLAIMS.append(claim)
    return True


def started(
    command: list[str], log: Path, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Starts a server that dies with this process, however that ends."""
    log.parent.mkdir(parents=True, exist_ok=True)
    tether = [sys.executable, "-m", "services.chassis.tether"]
    with log.open("ab") as output:
        return subprocess.Popen(
            [*tether, *command],
            stdout=output,
            stderr=output,
            env={**os.environ, **(environment or {})},
        )


def wait_until_ready(process: subprocess.Popen[bytes], is_ready: Callable[[], bool]) -> None:
    """Polls `is_ready`; fails when the process ends before, or takes too long."""
    deadline = time.monotonic() + READY_SECONDS
    while not is_ready():
        assert process.poll() is None, f"it ended at once: {process.args!r}"
        assert time.monotonic() < deadline, f"it is not ready: {process.args!r}"
        time.sleep(0.02)


def accepts(port: int) -> bool:
    """Says whether somebody accepts connections at `port`."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(url: str) -> bool:
    """Says whether `url` answers with success."""
    try:
        with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310 - our own server
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
