"""The client and the command before inference and consent services over a real channel."""

from collections.abc import AsyncIterator

import pytest

from gateway.cli.session import Session
from gateway.client.client import Client
from tests.fakes.reporter import RecordingReporter
from tests.fakes.speaking_services import SpeakingServices
from tests.impatience import impatience


@pytest.fixture
def services() -> SpeakingServices:
    return SpeakingServices()


@pytest.fixture
async def address(services: SpeakingServices) -> AsyncIterator[str]:
    async with services.served() as address:
        yield address


@pytest.fixture
async def client(address: str) -> AsyncIterator[Client]:
    addresses = dict.fromkeys(("inference", "dataset"), address)
    async with Client(addresses, patience=impatience) as client:
        yield client


@pytest.fixture
def reporter() -> RecordingReporter:
    return RecordingReporter()


@pytest.fixture
def session(address: str, reporter: RecordingReporter, monkeypatch: pytest.MonkeyPatch) -> Session:
    for name in ("INFERENCE", "DATASET"):
        monkeypatch.setenv(f"TTSTRAINER_{name}_ADDRESS", address)
    return Session(reporter, "127.0.0.1")
