"""The command and a service elsewhere, over TLS and with a token."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.e2e.command import Ended, environment, tts_trainer
from tests.servers import accepts, free_port, started, wait_until_ready

HOST = "127.0.0.1"
TOKEN, GUESS = "open-sesame", "open-barley"


@dataclass(frozen=True, slots=True)
class SecuredServer:
    """A dataset service that wants TLS and a token."""

    address: str
    ca_file: Path

    def asked(self, home: Path, **settings: str) -> Ended:
        """Lists its datasets with the command."""
        place = {"TTSTRAINER_DATASET_ADDRESS": self.address}
        return tts_trainer(
            "datasets", "list", "--server", HOST, home=home, settings=place | settings
        )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredServer]:
    """Runs the service in a process of its own."""
    folder = tmp_path_factory.mktemp("secured")
    authority = Authority(folder, "authority")
    certificate = authority.certificate("dataset")
    port = free_port()
    settings = environment(
        folder,
        TTSTRAINER_STORE_URL=f"file://{folder}/store",
        TTSTRAINER_SCRATCH_DIR=str(folder / "scratch"),
        TTSTRAINER_DATASET_PORT=str(port),
        TTSTRAINER_DATASET_METRICS_PORT="0",
        TTSTRAINER_TLS_CERTIFICATE_FILE=str(certificate.certificate_file),
        TTSTRAINER_TLS_KEY_FILE=str(certificate.key_file),
        TTSTRAINER_BEARER_TOKEN=TOKEN,
    )
    process = started([sys.executable, "-m", "services.dataset"], folder / "log", settings)
    try:
        wait_until_ready(process, lambda: accepts(port))
        yield SecuredServer(f"{HOST}:{port}", authority.ca_file)
    finally:
        process.terminate()
        process.wait()


def test_the_right_authority_and_token_open_it(server: SecuredServer, tmp_path: Path) -> None:
    ended = server.asked(
        tmp_path, TTSTRAINER_TLS_CA_FILE=str(server.ca_file), TTSTRAINER_BEARER_TOKEN=TOKEN
    )
    assert ended.exit_code == 0, ended
    assert ended.result["datasets"] == []


def test_a_wrong_token_is_refused_in_one_line(server: SecuredServer, tmp_path: Path) -> None:
    ended = server.asked(
        tmp_path, TTSTRAINER_TLS_CA_FILE=str(server.ca_file), TTSTRAINER_BEARER_TOKEN=GUESS
    )
    assert ended.exit_code == 1
    assert "token" in ended.error["message"]
    assert GUESS not in ended.messages


def test_an_unknown_authority_is_refused_in_one_line(server: SecuredServer, tmp_path: Path) -> None:
    other = Authority(tmp_path, "other")
    ended = server.asked(
        tmp_path / "home",
        TTSTRAINER_TLS_CA_FILE=str(other.ca_file),
        TTSTRAINER_BEARER_TOKEN=TOKEN,
    )
    assert ended.exit_code == 1
    assert server.address in ended.error["message"]


def test_without_tls_it_says_so(server: SecuredServer, tmp_path: Path) -> None:
    ended = server.asked(tmp_path, TTSTRAINER_BEARER_TOKEN=TOKEN)
    assert ended.exit_code == 1
    assert server.address in ended.error["message"]
