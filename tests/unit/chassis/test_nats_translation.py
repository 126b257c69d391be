"""What NATS says, in the words of the official exporter."""

from collections.abc import Iterable
from typing import Any

import pytest

from services.chassis.nats_exporter import translation
from services.chassis.nats_exporter.translation import Sample

URL = "http://nats:8222"
VARZ = {"server_name": "n1", "version": "2.15.1", "connections": 7, "mem": 14962688, "in_msgs": 12}
CONSUMER = {
    "name": "ttstrainer_media_v1_MediaService_ProbeMedia",
    "delivered": {"consumer_seq": 5, "stream_seq": 9},
    "ack_floor": {"consumer_seq": 4, "stream_seq": 8},
    "num_ack_pending": 1,
    "num_redelivered": 2,
    "num_waiting": 3,
    "num_pending": 4,
}
STREAM = {
    "name": "WORK",
    "config": {"max_bytes": 268435456, "max_msgs": -1},
    "state": {"messages": 5, "bytes": 700, "first_seq": 1, "last_seq": 9, "consumer_count": 1},
    "consumer_detail": [CONSUMER],
}


def jsz(**parts: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    account = {"name": "$G", "id": "$G", "stream_detail": [STREAM]}
    whole = {"config": {"max_storage": 1000}, "bytes": 700, "account_details": [account]}
    return whole | parts


def value(samples: Iterable[Sample], name: str, **labels: str) -> float:
    found = [it for it in samples if it.name == name and labels.items() <= it.labels.items()]
    assert len(found) == 1, found
    return found[0].value


def test_a_queue_is_told_by_stream_and_consumer() -> None:
    samples = list(translation.jetstream(URL, VARZ, jsz()))
    labels = {
        "stream_name": "WORK",
        "consumer_name": "ttstrainer_media_v1_MediaService_ProbeMedia",
        "is_consumer_leader": "true",
        "account": "$G",
        "server_id": URL,
        "server_name": "n1",
    }
    assert value(samples, "jetstream_consumer_num_pending", **labels) == 4
    assert value(samples, "jetstream_consumer_num_ack_pending", **labels) == 1
    assert value(samples, "jetstream_consumer_num_waiting", **labels) == 3
    assert value(samples, "jetstream_consumer_num_redelivered", **labels) == 2
    assert value(samples, "jetstream_stream_total_messages", stream_name="WORK") == 5
    assert value(samples, "jetstream_stream_limit_bytes", stream_name="WORK") == 268435456
    assert value(samples, "jetstream_server_max_storage") == 1000
    assert value(samples, "jetstream_server_total_message_bytes") == 700


def test_all_series_of_a_metric_have_the_same_labels() -> None:
    names: dict[str, set[str]] = {}
    for sample in translation.jetstream(URL, VARZ, jsz()):
        assert names.setdefault(sample.name, set(sample.labels)) == set(sample.labels)


def test_in_a_cluster_only_one_server_leads_a_consumer() -> None:
    elsewhere = STREAM | {
        "cluster": {"leader": "n2"},
        "consumer_detail": [CONSUMER | {"cluster": {"leader": "n2"}}],
    }
    account = {"name": "$G", "stream_detail": [elsewhere]}
    meta = {"name": "house", "leader": "n1"}
    samples = list(
        translation.jetstream(URL, VARZ, jsz(account_details=[account], meta_cluster=meta))
    )
    labels = {"consumer_leader": "n2", "is_consumer_leader": "false", "is_stream_leader": "false"}
    assert value(samples, "jetstream_consumer_num_pending", **labels) == 4
    assert value(samples, "jetstream_server_max_storage", cluster="house", is_meta_leader="true")


def test_the_server_is_told_by_its_numbers_and_its_version() -> None:
    samples = list(translation.server(URL, VARZ))
    assert value(samples, "gnatsd_varz_connections", server_id=URL) == 7
    assert value(samples, "gnatsd_varz_version", value="2.15.1") == 1
    assert "gnatsd_varz_slow_consumers" not in {it.name for it in samples}, "it was not said"


@pytest.mark.parametrize(
    ("page", "status", "is_well"),
    [
        ({"status": "ok"}, "ok", 1),
        ({"status": "unavailable", "error": "JetStream"}, "unavailable", 0),
        (None, "unreachable", 0),
    ],
)
def test_a_server_that_is_not_well_counts_zero(
    page: dict[str, str] | None, status: str, is_well: float
) -> None:
    samples = list(translation.health(URL, page))
    assert value(samples, "gnatsd_healthz_status_value", value=status) == is_well


def test_a_server_without_jetstream_has_no_streams() -> None:
    samples = list(translation.jetstream(URL, VARZ, {"disabled": True, "config": None}))
    assert value(samples, "jetstream_server_jetstream_disabled") == 1
    assert not [it for it in samples if it.name.startswith("jetstream_stream")]
