"""From NATS' monitoring pages to metrics with the official exporter's names and labels; pure.

Source of the names: github.com/nats-io/prometheus-nats-exporter, collector/{collector,jsz}.go.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Page = Mapping[str, Any]
Labels = Mapping[str, str]
Fields = Mapping[str, tuple[str, ...]]

VARZ: Final = (
    "connections",
    "cpu",
    "in_bytes",
    "in_msgs",
    "max_connections",
    "mem",
    "out_bytes",
    "out_msgs",
    "slow_consumers",
    "stalled_clients",
    "subscriptions",
    "total_connections",
)
SERVER: Final[Fields] = {
    "jetstream_server_max_memory": ("config", "max_memory"),
    "jetstream_server_max_storage": ("config", "max_storage"),
    "jetstream_server_total_consumers": ("consumers",),
    "jetstream_server_total_message_bytes": ("bytes",),
    "jetstream_server_total_messages": ("messages",),
    "jetstream_server_total_streams": ("streams",),
}
STREAM: Final[Fields] = {
    "jetstream_stream_consumer_count": ("state", "consumer_count"),
    "jetstream_stream_first_seq": ("state", "first_seq"),
    "jetstream_stream_last_seq": ("state", "last_seq"),
    "jetstream_stream_limit_bytes": ("config", "max_bytes"),
    "jetstream_stream_limit_messages": ("config", "max_msgs"),
    "jetstream_stream_subject_count": ("state", "num_subjects"),
    "jetstream_stream_total_bytes": ("state", "bytes"),
    "jetstream_stream_total_messages": ("state", "messages"),
}
CONSUMER: Final[Fields] = {
    "jetstream_consumer_ack_floor_consumer_seq": ("ack_floor", "consumer_seq"),
    "jetstream_consumer_ack_floor_stream_seq": ("ack_floor", "stream_seq"),
    "jetstream_consumer_delivered_consumer_seq": ("delivered", "consumer_seq"),
    "jetstream_consumer_delivered_stream_seq": ("delivered", "stream_seq"),
    "jetstream_consumer_num_ack_pending": ("num_ack_pending",),
    "jetstream_consumer_num_pending": ("num_pending",),
    "jetstream_consumer_num_redelivered": ("num_redelivered",),
    "jetstream_consumer_num_waiting": ("num_waiting",),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One number of one series; the official exporter's are all gauges."""

    name: str
    labels: Labels
    value: float


def health(server_id: str, healthz: Page | None) -> Iterator[Sample]:
    """Says whether the server is well; `healthz` is None when it did not answer."""
    status = "unreachable" if healthz is None else str(healthz.get("status", ""))
    labels = {"server_id": server_id}
    if healthz is not None:
        yield Sample("gnatsd_healthz_status", labels, float(status != "ok"))
    labels = {**labels, "value": status}
    yield Sample("gnatsd_healthz_status_value", labels, float(status == "ok"))


def server(server_id: str, varz: Page) -> Iterator[Sample]:
    """Says what the server as a whole does."""
    labels = {"server_id": server_id}
    for name in VARZ:
        if (value := _number(varz, (name,))) is not None:
            yield Sample(f"gnatsd_varz_{name}", labels, value)
    version = {**labels, "value": str(varz.get("version", ""))}
    yield Sample("gnatsd_varz_version", version, 1)


def jetstream(server_id: str, varz: Page, jsz: Page) -> Iterator[Sample]:
    """Says what lies in the streams; `jsz` comes with streams, consumers, configuration, Raft."""
    name = str(varz.get("server_name", ""))
    labels = _server_labels(server_id, name, jsz)
    disabled = bool(jsz.get("disabled"))
    yield Sample("jetstream_server_jetstream_disabled", labels, float(disabled))
    yield from _samples(SERVER, labels, jsz)
    for account in _list(jsz, "account_details"):
        for stream in _list(account, "stream_detail"):
            stream_labels = {**labels, **_stream_labels(name, account, stream)}
            yield from _samples(STREAM, stream_labels, stream)
            for consumer in _list(stream, "consumer_detail"):
                consumer_labels = {**stream_labels, **_consumer_labels(name, consumer)}
                yield from _samples(CONSUMER, consumer_labels, consumer)


def _server_labels(server_id: str, name: str, jsz: Page) -> Labels:
    meta = jsz.get("meta_cluster")
    leader = str(meta.get("leader", "")) if meta else ""
    return {
        "server_id": server_id,
        "server_name": name,
        "cluster": str(meta.get("name", "")) if meta else "",
        "domain": str((jsz.get("config") or {}).get("domain", "")),
        "meta_leader": leader,
        "is_meta_leader": _truth(value=not meta or leader == name),
    }


def _stream_labels(server_name: str, account: Page, stream: Page) -> Labels:
    leader, leads = _leader(server_name, stream)
    return {
        "account": str(account.get("name", "")),
        "account_name": str(account.get("name", "")),
        "account_id": str(account.get("id", "")),
        "stream_name": str(stream.get("name", "")),
        "stream_leader": leader,
        "is_stream_leader": leads,
        "stream_raft_group": str(stream.get("stream_raft_group", "")),
    }


def _consumer_labels(server_name: str, consumer: Page) -> Labels:
    leader, leads = _leader(server_name, consumer)
    return {
        "consumer_name": str(consumer.get("name", "")),
        "consumer_leader": leader,
        "is_consumer_leader": leads,
        "consumer_desc": str((consumer.get("config") or {}).get("description", "")),
    }


def _leader(server_name: str, part: Page) -> tuple[str, str]:
    """A stream or consumer without a cluster has no other server to be led by."""
    cluster = part.get("cluster")
    leader = str(cluster.get("leader", "")) if cluster else ""
    return leader, _truth(value=not cluster or leader == server_name)


def _samples(fields: Fields, labels: Labels, page: Page) -> Iterator[Sample]:
    for name, path in fields.items():
        if (value := _number(page, path)) is not None:
            yield Sample(name, labels, value)


def _number(page: Page, path: Iterable[str]) -> float | None:
    found: Any = page
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return float(found) if isinstance(found, int | float) else None


def _list(page: Page, name: str) -> list[Page]:
    return list(page.get(name) or [])


def _truth(*, value: bool) -> str:
    return "true" if value else "false"
