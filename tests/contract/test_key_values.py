"""The fake bucket keeps the promises of the real one."""

import pytest

from services.chassis.key_value import KeyValue
from tests.contract.key_value_suite import KeyValueSuite
from tests.fakes.key_value import InMemoryKeyValue


class TestInMemoryKeyValue(KeyValueSuite):
    @pytest.fixture
    def bucket(self) -> KeyValue:
        return InMemoryKeyValue()
