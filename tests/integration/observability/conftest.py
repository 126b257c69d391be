"""One stack under a real Prometheus, with one run behind it, for all tests of observability."""

from collections.abc import Iterator

import pytest

from gateway.client.health import is_serving
from gateway.services import ALL
from tests.eventually import eventually
from tests.integration.observability.house import House
from tests.integration.observability.prometheus import Prometheus

SETTLED = f"""
  sum(stage_verdict:ttstrainer_clips:rate5m{{stage="dataset"}}) > 0
  and count(job:ttstrainer_rpc_errors:ratio5m) == {len(ALL)}
  and sum(rate(ttstrainer_inference_audio_seconds_total[1m])) > 0
  and sum(rate(ttstrainer_bot_audio_seconds_total[1m])) > 0
  and sum(rate(ttstrainer_bot_commands_total[1m])) > 0
"""


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """All services, over real servers."""
    house = House(tmp_path_factory.mktemp("observed"))
    try:
        house.start()
        yield house
    finally:
        house.close()


@pytest.fixture(scope="session")
def watched(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that has seen a dataset being made, and heard speech."""
    prometheus = Prometheus(tmp_path_factory.mktemp("prometheus") / "server", house.targets)
    prometheus.start()
    try:
        house.make_a_dataset()
        house.make_a_dataset()  # found recorded: what the first calls had begun to count, grows
        house.speak()
        yield prometheus
    finally:
        prometheus.stop()


@pytest.fixture
async def prometheus(house: House, watched: Prometheus) -> Prometheus:
    """The same, once the end of the run is recorded."""

    async def has_settled() -> bool:
        for service in ALL:  # as Docker does every few seconds
            await is_serving(house.address(service), service.rpc_name)
        return bool(watched.query(SETTLED))

    await eventually(has_settled, within_seconds=30, every_seconds=0.5)
    return watched
