"""The services as people meet them from outside: grpcurl, health, metrics."""

import json
import urllib.parse
import urllib.request

import pytest

from tests.containers.compose import HOST, PORTS, ComposeStack
from tests.containers.engine import docker
from tests.e2e.grpcurl import SERVICES, Grpcurl
from tests.eventually import eventually

JOBS = {*PORTS, "nats", "s3", "prometheus"}


@pytest.fixture(scope="module")
def grpcurl(stack: ComposeStack) -> Grpcurl:
    """The tool, from this machine."""
    return Grpcurl(stack)


@pytest.mark.parametrize("service", PORTS)
def test_grpcurl_lists_describes_and_asks_for_health(grpcurl: Grpcurl, service: str) -> None:
    assert SERVICES[service] in grpcurl.ask(service, "list")
    assert "rpc " in grpcurl.ask(service, "describe", SERVICES[service])
    assert '"SERVING"' in grpcurl.health(service)


def test_grpcurl_calls_the_services(grpcurl: Grpcurl) -> None:
    assert grpcurl.call("pipeline", "ListRuns", {"page_size": 5}) is not None
    assert grpcurl.call("dataset", "ListDatasets", {}) is not None
    assert "tiny.en" in grpcurl.call("transcription", "GetModel", {})["installed_models"]


@pytest.mark.parametrize("service", PORTS)
def test_each_service_shows_its_metrics(stack: ComposeStack, service: str) -> None:
    (name,) = stack.containers(service)
    port = PORTS[service] - 50051 + 9051
    url = f"http://127.0.0.1:{port}/metrics"
    read = f"import urllib.request as r; print(r.urlopen('{url}').read().decode())"
    assert "ttstrainer_rpc_seconds" in docker("exec", name, "python", "-c", read)


async def test_prometheus_reads_everything(stack: ComposeStack) -> None:
    def jobs_that_are_up() -> set[str]:
        return {result["metric"]["job"] for result in queried("up == 1")}

    await eventually(lambda: jobs_that_are_up() == JOBS, within_seconds=90, every_seconds=1)


def queried(query: str) -> list[dict[str, dict[str, str]]]:
    """Asks Prometheus."""
    question = urllib.parse.urlencode({"query": query})
    with urllib.request.urlopen(f"http://{HOST}:9090/api/v1/query?{question}") as answer:
        return list(json.load(answer)["data"]["result"])
