"""What a container of the stack is to this machine: a process, an address, metrics, a log."""

import json
import os
import re
import signal
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.containers.compose import PORTS, ComposeStack
from tests.containers.engine import docker, inspect

METRICS_PORTS = {name: port - 50051 + 9051 for name, port in PORTS.items()}
NATS_MONITORING_PORT = 8222
ANSWER_SECONDS = 5
UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


@dataclass(frozen=True, slots=True)
class Container:
    """A running container as it was when it was looked at; a restart makes another one of it."""

    name: str
    service: str
    pid: int
    """Of its first process, here; the others end with it."""
    ip_address: str
    started: str

    network: str
    aliases: tuple[str, ...]
    """What others call it on the network."""

    def cut_off(self) -> None:
        """Takes it off the network; it runs on and hears nobody."""
        docker("network", "disconnect", self.network, self.name)

    def join_again(self) -> None:
        """Puts it on the network again, under its names."""
        names = [part for alias in self.aliases for part in ("--alias", alias)]
        docker("network", "connect", *names, self.network, self.name)

    def kill(self) -> None:
        """Ends it as a crash does, or the kernel when memory is short.

        Not `docker kill`: that one counts as somebody's wish, and the engine does not restart it.
        """
        os.kill(self.pid, signal.SIGKILL)

    def used_memory_bytes(self) -> int:
        """Returns what its processes use now, without what the kernel keeps of files."""
        shown = docker("stats", "--no-stream", "--format", "{{.MemUsage}}", self.name)
        found = re.match(r"([\d.]+)(\w+)", shown)
        assert found, shown
        return int(float(found[1]) * UNITS[found[2]])

    def in_flight_count(self) -> int:
        """Returns how many steps it works on; none when it does not answer."""
        try:
            return int(sum(self._samples("ttstrainer_steps_in_flight")))
        except OSError:
            return 0

    def computed_count(self, method: str) -> int:
        """Returns how many steps of a method it has computed since it was started."""
        wanted = {"outcome": "computed", "method": method}
        return int(sum(self._samples("ttstrainer_steps_total", wanted)))

    def _samples(self, name: str, labels: dict[str, str] | None = None) -> Iterator[float]:
        kind = self.service.removesuffix("-worker")
        url = f"http://{self.ip_address}:{METRICS_PORTS[kind]}/metrics"
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:
            text = answer.read().decode()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == name and sample.labels.items() >= (labels or {}).items():
                    yield sample.value


def look_at(name: str) -> Container:
    """Looks at a container by its name."""
    found = inspect(name)
    ((network, place),) = found["NetworkSettings"]["Networks"].items()
    return Container(
        name=name,
        service=found["Config"]["Labels"]["com.docker.compose.service"],
        pid=found["State"]["Pid"],
        ip_address=place["IPAddress"],
        started=found["State"]["StartedAt"],
        network=network,
        aliases=tuple(place["Aliases"] or ()),
    )


def all_of(stack: ComposeStack, service: str) -> list[Container]:
    """Looks at the containers of a service."""
    return [look_at(name) for name in stack.containers(service)]


def only(stack: ComposeStack, service: str) -> Container:
    """Looks at the one container of a service."""
    (found,) = all_of(stack, service)
    return found


def messages_in(stack: ComposeStack, stream: str) -> int:
    """Asks NATS how many messages a stream holds."""
    address = only(stack, "nats").ip_address
    url = f"http://{address}:{NATS_MONITORING_PORT}/jsz?streams=true&accounts=true"
    with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:
        (account,) = json.load(answer)["account_details"]
    (found,) = [each for each in account["stream_detail"] if each["name"] == stream]
    return int(found["state"]["messages"])


def log_lines(stack: ComposeStack, since: str) -> Iterator[dict[str, Any]]:
    """Returns what our services have logged since a time (RFC 3339), line by line."""
    for name in stack.containers():
        for line in docker("logs", "--since", since, name, check=False).splitlines():
            if line.startswith("{"):
                yield json.loads(line)
