"""Does every scaler look at a queue that its service serves, and does every queue have one?

Who answers people has no queue, and is scaled on a metric of its own.
"""

import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from inspect import signature

from prometheus_client import Gauge

from deploy.checks.k8s.rendering import Document, named, of_kind
from services.chassis.messaging.streams import WORK, durable_name

WORKERS = ("media", "audio-qc", "transcription", "dataset")
SPEAKERS = ("inference",)
SCALER = "nats-jetstream"
METRIC_SCALER = "prometheus"
SERIES = re.compile(r"ttstrainer_\w+")
GLOBAL_ACCOUNT = "$G"


def problems(documents: Sequence[Document]) -> Iterator[str]:
    """Yields what is wrong with the scalers; an overlay without any is all right."""
    scalers = {each["spec"]["scaleTargetRef"]["name"]: each for each in scaled_objects(documents)}
    if not scalers:
        return
    for worker in (*WORKERS, *SPEAKERS):
        if worker not in scalers:
            yield f"nobody scales {worker}"
    for target, scaler in scalers.items():
        for problem in _of_scaler(target, scaler, documents):
            yield f"{named(scaler)}: {problem}"


def scaled_objects(documents: Sequence[Document]) -> list[Document]:
    """Returns the scalers."""
    return of_kind(documents, "ScaledObject")


def consumers(worker: str) -> set[str]:
    """Returns the consumers of a service's queues, asked of its code."""
    module = import_module(f"services.{worker.replace('-', '_')}.worker")
    uses = [None] * len(signature(module.handlers).parameters)  # they are only used when work comes
    return {durable_name(handler.method) for handler in module.handlers(*uses)}


def _of_scaler(target: str, scaler: Document, documents: Sequence[Document]) -> Iterator[str]:
    spec = scaler["spec"]
    deployments = {each["metadata"]["name"]: each for each in of_kind(documents, "Deployment")}
    if target not in deployments or target not in (*WORKERS, *SPEAKERS):
        yield f"{target} is no worker"
        return
    if "replicas" in deployments[target]["spec"]:
        yield f"Deployment/{target} sets replicas too: each apply would undo the scaling"
    if not 1 <= spec.get("minReplicaCount", 0) < spec.get("maxReplicaCount", 0):
        yield "wants at least one worker, and more at most than at least"
    of_triggers = _of_metrics if target in SPEAKERS else _of_queues
    yield from of_triggers(target, spec["triggers"], documents)


def _of_metrics(
    target: str, triggers: Sequence[Document], _documents: Sequence[Document]
) -> Iterator[str]:
    for trigger in triggers:
        if trigger["type"] != METRIC_SCALER:
            yield f"{target} has no queue: scale it on a metric"
            continue
        for name in SERIES.findall(trigger["metadata"]["query"]):
            if name not in metrics(target):
                yield f"{name} is no metric of {target}"


def metrics(service: str) -> set[str]:
    """Returns the names of a service's own gauges, asked of its code."""
    module = import_module(f"services.{service.replace('-', '_')}.metrics")
    found = [each for each in vars(module).values() if isinstance(each, Gauge)]
    return {family.name for each in found for family in each.describe()}


def _of_queues(
    target: str, triggers: Sequence[Document], documents: Sequence[Document]
) -> Iterator[str]:
    watched = set()
    for trigger in triggers:
        metadata = trigger["metadata"]
        watched.add(metadata.get("consumer"))
        if (trigger["type"], metadata.get("stream"), metadata.get("account")) != (
            SCALER,
            WORK,
            GLOBAL_ACCOUNT,
        ):
            yield f"a trigger does not look at the stream {WORK} of account {GLOBAL_ACCOUNT}"
        host = metadata.get("natsServerMonitoringEndpoint")
        if host not in _monitoring_endpoints(documents):
            yield f"{host} is no Service of ours that serves NATS's monitoring"
    for consumer in sorted(watched ^ consumers(target), key=str):
        if consumer in watched:
            yield f"{consumer} is no queue that {target} serves"
        else:
            yield f"nobody looks at {target}'s queue {consumer}"


def _monitoring_endpoints(documents: Sequence[Document]) -> set[str]:
    return {
        f"{service['metadata']['name']}.{service['metadata']['namespace']}.svc:{port['port']}"
        for service in of_kind(documents, "Service")
        for port in service["spec"]["ports"]
        if port["name"] == "monitor"
    }
