"""The fake bus and work queue keep the promises of the real ones."""

import pytest

from services.chassis.bus import WorkQueue
from tests.contract.bus_suite import BusSuite, WorkQueueSuite
from tests.fakes.bus import InMemoryBus, InMemoryWorkQueue


class TestInMemoryBus(BusSuite):
    @pytest.fixture
    def bus(self) -> InMemoryBus:
        return InMemoryBus()

    @pytest.fixture
    def subscriber(self, bus: InMemoryBus) -> InMemoryBus:
        return bus


class TestInMemoryWorkQueue(WorkQueueSuite):
    @pytest.fixture
    def queue(self) -> WorkQueue:
        return InMemoryWorkQueue()
