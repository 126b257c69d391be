"""The whole product on this machine with every counter in reach: NATS, S3 and the five services."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from gateway.services import ALL, LOOPBACK
from tests.servers import (
    S3_ACCESS_KEY,
    S3_BUCKET,
    S3_SECRET_KEY,
    accepts,
    answers,
    executable,
    free_port,
    started,
    wait_until_ready,
)

STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class MeasuredStack:
    """Where everything answers, and which process it is."""

    addresses: dict[str, str]
    """gRPC, by service."""
    metrics_urls: dict[str, str]
    """Prometheus, by service and for "s3"."""
    nats_url: str
    monitoring_url: str
    """What NATS tells of itself."""
    store_url: str
    process_ids: dict[str, int]
    """By service, "nats" and "s3"."""


@contextmanager
def measured_stack(folder: Path, *, whisper_threads: int = 1) -> Iterator[MeasuredStack]:
    """Runs one worker of each kind, one step at a time; all are gone at the end of the block."""
    s3, s3_metrics = _ports(2)
    nats, monitoring = _ports(2)
    ports = {service.name: _ports(2) for service in ALL}
    store_url = f"s3://{S3_BUCKET}?endpoint=http://{LOOPBACK}:{s3}"
    environment = {
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "TTSTRAINER_LOG_FORMAT": "json",
        "TTSTRAINER_MAX_CONCURRENT_STEPS": "1",
        "TTSTRAINER_NATS_URL": f"nats://{LOOPBACK}:{nats}",
        "TTSTRAINER_PIPELINE_MEDIA_ADDRESS": f"{LOOPBACK}:{ports['media'][0]}",
        "TTSTRAINER_S3_ACCESS_KEY": S3_ACCESS_KEY,
        "TTSTRAINER_S3_SECRET_KEY": S3_SECRET_KEY,
        "TTSTRAINER_SCRATCH_DIR": str(folder / "scratch"),
        "TTSTRAINER_STORE_URL": store_url,
        "TTSTRAINER_TRANSCRIPTION_CPU_THREADS": str(whisper_threads),
    }
    with ExitStack() as stack:
        processes: dict[str, Popen[bytes]] = {}

        def start(name: str, command: list[str], own: dict[str, str]) -> Popen[bytes]:
            process = started(command, folder / f"{name}.log", own)
            stack.callback(_stop, process)
            processes[name] = process
            return process

        wait_until_ready(
            start("nats", _nats(nats, monitoring, folder), {}), lambda: accepts(monitoring)
        )
        wait_until_ready(
            start("s3", _s3(s3, s3_metrics, folder), _S3_KEYS),
            lambda: answers(f"http://{LOOPBACK}:{s3}/healthz"),
        )
        for service in ALL:
            port, metrics_port = ports[service.name]
            prefix = f"TTSTRAINER_{service.environment_name}"
            own = {f"{prefix}_PORT": str(port), f"{prefix}_METRICS_PORT": str(metrics_port)}
            start(service.name, [sys.executable, "-m", service.module], environment | own)
        for service in ALL:
            url = f"http://{LOOPBACK}:{ports[service.name][1]}/metrics"
            wait_until_ready(processes[service.name], lambda url=url: answers(url))  # type: ignore[misc]
        yield MeasuredStack(
            addresses={name: f"{LOOPBACK}:{port}" for name, (port, _) in ports.items()},
            metrics_urls={
                name: f"http://{LOOPBACK}:{metrics_port}/metrics"
                for name, (_, metrics_port) in ports.items()
            }
            | {"s3": f"http://{LOOPBACK}:{s3_metrics}/metrics"},
            nats_url=environment["TTSTRAINER_NATS_URL"],
            monitoring_url=f"http://{LOOPBACK}:{monitoring}",
            store_url=store_url,
            process_ids={name: process.pid for name, process in processes.items()},
        )


_S3_KEYS = {
    "AWS_ACCESS_KEY_ID": S3_ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": S3_SECRET_KEY,
    "S3_BUCKET": S3_BUCKET,
}


def _nats(port: int, monitoring_port: int, folder: Path) -> list[str]:
    listen = ["-a", LOOPBACK, "-p", str(port), "-m", str(monitoring_port)]
    return [executable("nats-server"), *listen, "-js", "-sd", str(folder / "nats")]


def _s3(port: int, metrics_port: int, folder: Path) -> list[str]:
    data = folder / "s3"
    data.mkdir(parents=True, exist_ok=True)
    master, volume, filer, admin = _ports(4)
    return [
        *(executable("weed"), "mini", f"-dir={data}", f"-ip={LOOPBACK}", f"-ip.bind={LOOPBACK}"),
        *("-master.telemetry=false", "-admin.ui=false", "-webdav=false"),
        *(f"-s3.port={port}", f"-metricsPort={metrics_port}"),
        *("-s3.port.iceberg=0", "-s3.port.lance=0", f"-master.port={master}"),
        *(f"-volume.port={volume}", f"-filer.port={filer}", f"-admin.port={admin}"),
    ]


def _ports(count: int) -> list[int]:
    return [free_port() for _ in range(count)]


def _stop(process: Popen[bytes]) -> None:
    process.terminate()
    process.wait(STOP_SECONDS)


def ticks_per_second() -> int:
    """Returns the unit of the times in /proc."""
    return os.sysconf("SC_CLK_TCK")
