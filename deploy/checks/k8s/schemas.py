"""Does Kubernetes know every field, and is each of the right type?

Models generated from the OpenAPI of Kubernetes 1.32 and the definitions of KEDA and the Prometheus
operator. They know types and required fields, not the values that only a cluster's own validation
refuses (a restartPolicy that does not exist).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudcoil.models.keda import v1alpha1 as keda
from cloudcoil.models.kubernetes.apps import v1 as apps
from cloudcoil.models.kubernetes.batch import v1 as batch
from cloudcoil.models.kubernetes.core import v1 as core
from cloudcoil.models.kubernetes.networking import v1 as networking
from cloudcoil.models.kubernetes.policy import v1 as policy
from cloudcoil.models.prometheus_operator import v1 as prometheus
from pydantic import BaseModel, ValidationError

from deploy.checks.k8s.rendering import Document, named

MODELS: Mapping[tuple[str, str], type[BaseModel]] = {
    ("apps/v1", "Deployment"): apps.Deployment,
    ("apps/v1", "StatefulSet"): apps.StatefulSet,
    ("batch/v1", "Job"): batch.Job,
    ("keda.sh/v1alpha1", "ScaledObject"): keda.ScaledObject,
    ("monitoring.coreos.com/v1", "PodMonitor"): prometheus.PodMonitor,
    ("monitoring.coreos.com/v1", "PrometheusRule"): prometheus.PrometheusRule,
    ("networking.k8s.io/v1", "NetworkPolicy"): networking.NetworkPolicy,
    ("policy/v1", "PodDisruptionBudget"): policy.PodDisruptionBudget,
    ("v1", "ConfigMap"): core.ConfigMap,
    ("v1", "Namespace"): core.Namespace,
    ("v1", "Secret"): core.Secret,
    ("v1", "Service"): core.Service,
}


def problems(document: Document) -> Iterator[str]:
    """Yields what is wrong with the shape of a document."""
    kind: Any = (document.get("apiVersion"), document.get("kind"))
    model = MODELS.get(kind)
    if model is None:
        yield f"{named(document)}: there is no schema for {kind}: add its model to {__name__}"
        return
    try:
        model.model_validate(document, strict=True, extra="forbid", by_alias=True, by_name=False)
    except ValidationError as error:
        for found in error.errors():
            where = ".".join(map(str, found["loc"]))
            yield f"{named(document)}: {where}: {found['msg']}"
