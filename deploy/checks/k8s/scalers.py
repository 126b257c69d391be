"""Does every scaler look at a queue that its service serves, and does every queue have one?"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from inspect import signature

from deploy.checks.k8s.rendering import Document, named, of_kind
from services.chassis.messaging.streams import WORK, durable_name

WORKERS = ("media", "audio-qc", "transcription", "dataset")
SCALER = "nats-jetstream"
GLOBAL_ACCOUNT = "$G"


def problems(documents: Sequence[Document]) -> Iterator[str]:
    """Yields what is wrong with the scalers; an overlay without any is all right."""
    scalers = {each["spec"]["scaleTargetRef"]["name"]: each for each in scaled_objects(documents)}
    if not scalers:
        return
    for worker in WORKERS:
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
    if target not in deployments or target not in WORKERS:
        yield f"{target} is no worker"
        return
    if "replicas" in deployments[target]["spec"]:
        yield f"Deployment/{target} sets replicas too: each apply would undo the scaling"
    if not 1 <= spec.get("minReplicaCount", 0) < spec.get("maxReplicaCount", 0):
        yield "wants at least one worker, and more at most than at least"
    watched = set()
    for trigger in spec["triggers"]:
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
