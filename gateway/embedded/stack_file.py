"""What a running stack tells other commands about itself."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from gateway.services import Service

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one service of a stack listens."""

    address: str
    """gRPC, as host:port."""
    metrics_address: str
    """Prometheus, as host:port."""


@dataclass(frozen=True, slots=True)
class StackInfo:
    """Where a running stack listens."""

    owner_pid: int
    """The process that started it and stops it."""
    nats_url: str
    """Empty when the stack has no queues."""
    services: dict[str, Endpoint]
    """By the service's name."""

    def serves(self, wanted: tuple[Service, ...]) -> bool:
        """Says whether each of these services runs in the stack."""
        return all(service.name in self.services for service in wanted)


def write_stack_file(path: Path, info: StackInfo) -> None:
    """Writes the file whole or not at all."""
    content = {
        "format": FORMAT,
        "owner_pid": info.owner_pid,
        "nats_url": info.nats_url,
        "services": {
            name: {"address": endpoint.address, "metrics_address": endpoint.metrics_address}
            for name, endpoint in info.services.items()
        },
    }
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(content, indent=2) + "\n")
    partial.replace(path)


def read_stack_file(path: Path) -> StackInfo | None:
    """Returns what the file says, or None when there is none, or its owner is dead."""
    try:
        content = json.loads(path.read_text())
        info = StackInfo(
            owner_pid=int(content["owner_pid"]),
            nats_url=str(content["nats_url"]),
            services={
                str(name): Endpoint(str(found["address"]), str(found["metrics_address"]))
                for name, found in content["services"].items()
            },
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return info if content.get("format") == FORMAT and is_alive(info.owner_pid) else None


def is_alive(pid: int) -> bool:
    """Says whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
