"""What an outage looks like to Prometheus, and that it is over when it is over."""

import pytest

from gateway.services import DATASET
from tests.eventually import eventually
from tests.integration.observability.house import House
from tests.integration.observability.prometheus import Json, Prometheus

pytestmark = pytest.mark.timeout(300)


def down(prometheus: Prometheus) -> list[Json]:
    """Returns the alerts that say that a service does not answer."""
    return [
        it
        for it in prometheus.alerts()
        if it["labels"]["alertname"] == "ServiceDown" and it["state"] == "firing"
    ]


async def test_a_service_that_is_stopped_raises_an_alarm_until_it_is_back(
    house: House, prometheus: Prometheus
) -> None:
    assert down(prometheus) == []
    house.end(DATASET.name)
    try:
        [alert] = await eventually(lambda: down(prometheus), within_seconds=20)
        assert alert["labels"]["job"] == "dataset"
        assert alert["labels"]["severity"] == "critical"
        assert alert["annotations"]["summary"] == "dataset does not answer"
    finally:
        house.begin(DATASET)
    await eventually(lambda: not down(prometheus), within_seconds=20)


async def test_nats_that_is_killed_is_told_by_the_exporter(
    house: House, prometheus: Prometheus
) -> None:
    firing = 'ALERTS{alertname="NatsUnhealthy", alertstate="firing", value="unreachable"}'
    assert prometheus.query(firing) == []
    assert house.nats
    house.nats.kill()
    try:
        await eventually(lambda: prometheus.query(firing), within_seconds=20)
        assert prometheus.query('up{job="nats"}') == [1], "the exporter itself is well"
    finally:
        house.nats.start()
    await eventually(lambda: not prometheus.query(firing), within_seconds=20)
