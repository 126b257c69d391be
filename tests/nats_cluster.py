"""Three NATS servers that are one cluster, as deployed, on this machine."""

import json
import urllib.request
from pathlib import Path
from typing import Any

from tests.nats_users import configuration, passwords
from tests.servers import NatsServer, free_port

SERVER_COUNT = 3
CLUSTER_PASSWORD = "of-cluster"  # noqa: S105 - of servers that live for one test


class NatsCluster:
    """Servers nats-0, nats-1 and nats-2 that run with deploy/nats/cluster.conf."""

    def __init__(self, folder: Path) -> None:
        """Starts them with their data in `folder`."""
        ports = [free_port() for _ in range(SERVER_COUNT)]
        self.servers: dict[str, NatsServer] = {}
        self._monitors: dict[str, int] = {}
        for index, port in enumerate(ports):
            name = f"nats-{index}"
            self._monitors[name] = free_port()
            self.servers[name] = _server(folder / name, name, port, ports, self._monitors[name])

    @property
    def url(self) -> str:
        """What the setting `nats_url` must be."""
        return ",".join(server.url for server in self.servers.values())

    def is_whole(self) -> bool:
        """Says whether all servers agree who leads JetStream."""
        seen = [self._asked(name, "jsz").get("meta_cluster", {}) for name in self.servers]
        leaders = {each.get("leader") for each in seen}
        sizes = {each.get("cluster_size") for each in seen}
        return sizes == {SERVER_COUNT} and len(leaders) == 1 and leaders <= self.servers.keys()

    def stop(self) -> None:
        """Ends all of them."""
        for server in self.servers.values():
            server.stop()

    def _asked(self, name: str, what: str) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self._monitors[name]}/{what}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


def _server(folder: Path, name: str, port: int, ports: list[int], monitor: int) -> NatsServer:
    routes = ", ".join(f"nats://cluster:{CLUSTER_PASSWORD}@127.0.0.1:{each}" for each in ports)
    config = configuration(folder) / "cluster.conf"
    config.write_text(config.read_text().replace("port: 6222", f"listen: 127.0.0.1:{port}"))
    variables = {
        **passwords(),
        "NATS_CLUSTER_PASSWORD": CLUSTER_PASSWORD,
        "NATS_CLUSTER_ROUTES": f"[{routes}]",
    }
    options = ("--config", str(config), "--name", name, "-m", str(monitor))
    return NatsServer(folder, *options, environment=variables)
