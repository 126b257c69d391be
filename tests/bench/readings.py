"""What the counters of a stack say at one moment; two readings make a cost."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.bench.measured_stack import MeasuredStack, ticks_per_second

Reading = dict[str, float]
"""Counter -> value; the first word of a counter's name is its unit."""

TRAFFIC_OF_S3 = {
    "SeaweedFS_s3_bucket_traffic_received_bytes_total": "in_bytes s3",
    "SeaweedFS_s3_bucket_traffic_sent_bytes_total": "out_bytes s3",
}
TRAFFIC = ("in_msgs", "out_msgs", "in_bytes", "out_bytes")


def read(stack: MeasuredStack) -> Reading:
    """Returns every counter of the stack."""
    reading: Reading = {}
    for name, process_id in stack.process_ids.items():
        reading[f"cpu_seconds {name}"] = cpu_seconds(process_id)
    for name, url in stack.metrics_urls.items():
        for sample in _samples(url):
            if counter := _s3_counter(sample) if name == "s3" else _step_counter(sample):
                reading[counter] = reading.get(counter, 0) + sample.value
    traffic = _json(f"{stack.monitoring_url}/varz")
    reading |= {f"{what} nats": float(traffic[what]) for what in TRAFFIC}
    for stream in _streams(stack):
        reading[f"written_messages {stream['name']}"] = float(stream["state"]["last_seq"])
    return reading


def difference(after: Reading, before: Reading) -> Reading:
    """Returns by how much each counter went up."""
    return {name: value - before.get(name, 0) for name, value in after.items()}


def cpu_seconds(process_id: int) -> float:
    """Returns the CPU time of a process, its threads, and its children that have ended."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / ticks_per_second()


def peak_memory_bytes(process_id: int) -> int:
    """Returns the most memory that a process ever had, its children not counted."""
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def stream_bytes(stack: MeasuredStack) -> dict[str, int]:
    """Returns how much each stream of NATS holds now."""
    return {stream["name"]: stream["state"]["bytes"] for stream in _streams(stack)}


def _streams(stack: MeasuredStack) -> Iterator[dict[str, Any]]:
    found = _json(f"{stack.monitoring_url}/jsz?streams=true")
    for account in found.get("account_details", []):
        yield from account.get("stream_detail", [])


def _step_counter(sample: Sample) -> str:
    if sample.name == "ttstrainer_step_duration_seconds_sum":
        return f"step_seconds {sample.labels['method'].rpartition('.')[2]}"
    return ""


def _s3_counter(sample: Sample) -> str:
    if sample.name == "SeaweedFS_s3_request_total":
        return f"s3_requests {sample.labels['type']}"
    return TRAFFIC_OF_S3.get(sample.name, "")


def _samples(url: str) -> Iterator[Sample]:
    for family in text_string_to_metric_families(_text(url)):
        yield from family.samples


def _json(url: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(_text(url))
    return answer


def _text(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own servers
        return str(answer.read().decode())
