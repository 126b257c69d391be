"""What we ask of every Pod, beyond what Kubernetes does."""

from collections.abc import Iterator, Sequence
from typing import Any

from deploy.checks.k8s.rendering import Document, named, of_kind

PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
RESOURCES = ("cpu", "memory", "ephemeral-storage")
UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "": 1}


def problems(documents: Sequence[Document]) -> Iterator[str]:
    """Yields what is wrong with the Pods; a Job's are not asked for what only servers need."""
    for workload in of_kind(documents, "Deployment", "StatefulSet", "Job"):
        template = workload["spec"]["template"]
        containers = template["spec"]["containers"]
        is_server = workload["kind"] != "Job"
        for problem in [
            *_of_pod(template["spec"]),
            *(
                f"{container['name']}: {problem}"
                for container in containers
                for problem in [*_of_container(container), *_of_probes(container, is_server)]
            ),
            *_of_network(template["metadata"].get("labels", {}), documents),
            *(_of_server(workload, documents) if is_server else ()),
        ]:
            yield f"{named(workload)}: {problem}"


def _of_pod(pod: dict[str, Any]) -> Iterator[str]:
    security = pod.get("securityContext", {})
    if not security.get("runAsNonRoot"):
        yield "runs as root: set securityContext.runAsNonRoot"
    if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "has no seccomp profile RuntimeDefault"
    if pod.get("automountServiceAccountToken") is not False:
        yield "gets a token of the cluster that it does not need"
    if pod.get("enableServiceLinks") is not False:
        yield "gets variables of Services, which can be taken for settings"
    if not pod.get("terminationGracePeriodSeconds"):
        yield "has no terminationGracePeriodSeconds"
    for volume in pod.get("volumes", []):
        if "emptyDir" in volume and "sizeLimit" not in (volume["emptyDir"] or {}):
            yield f"volume {volume['name']}: has no sizeLimit, and may fill the node"
        if "hostPath" in volume:
            yield f"volume {volume['name']}: is a folder of the node"


def _of_container(container: dict[str, Any]) -> Iterator[str]:
    security = container.get("securityContext", {})
    if security.get("allowPrivilegeEscalation") is not False:
        yield "may gain privileges"
    if not security.get("readOnlyRootFilesystem"):
        yield "may write to its own image"
    if security.get("capabilities", {}).get("drop") != ["ALL"]:
        yield "keeps capabilities"
    _, _, tag = container["image"].rpartition(":")
    if ":" not in container["image"] or tag == "latest":
        yield f"image {container['image']} has no fixed tag"
    resources = container.get("resources", {})
    for what in RESOURCES:
        for side in ("requests", "limits"):
            if what not in resources.get(side, {}):
                yield f"has no resources.{side}.{what}"


def _of_probes(container: dict[str, Any], is_server: bool) -> Iterator[str]:
    for probe in PROBES:
        if is_server and not container.get(probe):
            yield f"has no {probe}"


def _of_network(labels: dict[str, str], documents: Sequence[Document]) -> Iterator[str]:
    policies = [
        policy["spec"]
        for policy in of_kind(documents, "NetworkPolicy")
        if _selects(policy["spec"]["podSelector"], labels)
    ]
    for direction in ("Ingress", "Egress"):
        if not any(direction in policy["policyTypes"] for policy in policies):
            yield f"no NetworkPolicy restricts its {direction.lower()}"


def _of_server(workload: Document, documents: Sequence[Document]) -> Iterator[str]:
    labels = workload["spec"]["template"]["metadata"].get("labels", {})
    if not _selects(workload["spec"]["selector"], labels):
        yield "its selector does not select its own Pods"
    budgets = [
        budget
        for budget in of_kind(documents, "PodDisruptionBudget")
        if _selects(budget["spec"]["selector"], labels)
    ]
    if len(budgets) != 1:
        yield f"has {len(budgets)} PodDisruptionBudgets instead of one"


def _selects(selector: dict[str, dict[str, str]], labels: dict[str, str]) -> bool:
    return selector.get("matchLabels", {}).items() <= labels.items()


def size_in_bytes(quantity: str) -> int:
    """Returns a quantity such as 30Gi as a number."""
    for unit, factor in UNITS.items():
        if unit and quantity.endswith(unit):
            return int(quantity.removesuffix(unit)) * factor
    return int(quantity)
