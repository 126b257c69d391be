"""Do the services get settings that they know, and that fit the Pods that they run in?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from deploy.checks.k8s.pods import PROBES, size_in_bytes
from deploy.checks.k8s.rendering import Document, named, of_kind
from services.chassis.settings import PREFIX, ServiceSettings

SERVICES = ("media", "audio-qc", "transcription", "dataset", "pipeline", "inference")
CLIENTS = ("bot",)
"""What runs like a service, only where an overlay wants it."""
LAST_SECONDS = 10
"""What a service may take after its drain to hand back steps and to end."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A service as its Pod will find itself."""

    name: str
    pod: Mapping[str, Any]
    environment: Mapping[str, str]
    settings: type[ServiceSettings]

    @property
    def container(self) -> Mapping[str, Any]:
        """Its only container."""
        found: Mapping[str, Any] = self.pod["containers"][0]
        return found

    def number(self, field: str) -> float:
        """Returns a setting as the service will read it."""
        own, shared = self.settings.variable(field), PREFIX + field.upper()
        default = self.settings.model_fields[field].default
        return float(self.environment.get(own) or self.environment.get(shared) or default)


def problems(documents: Sequence[Document]) -> Iterator[str]:
    """Yields what is wrong with the settings of the services."""
    deployments = {each["metadata"]["name"]: each for each in of_kind(documents, "Deployment")}
    for name in SERVICES:
        if name not in deployments:
            yield f"the service {name} has no Deployment"
    for name in (*SERVICES, *CLIENTS):
        if name not in deployments:
            continue
        pod = deployments[name]["spec"]["template"]["spec"]
        environment = _environment(pod["containers"][0], documents)
        deployed = Deployed(name, pod, environment, settings_type(name))
        for problem in [
            *_missing_keys(deployed, documents),
            *_unknown_variables(deployed),
            *_unfit_ports(deployed),
            *_unfit_limits(deployed),
        ]:
            yield f"{named(deployments[name])}: {problem}"


def settings_type(service: str) -> type[ServiceSettings]:
    """Returns the class that reads a service's settings."""
    package = "" if service in CLIENTS else "services."
    module = import_module(f"{package}{service.replace('-', '_')}.settings")
    types: list[type] = [each for each in vars(module).values() if isinstance(each, type)]
    for found in types:
        if issubclass(found, ServiceSettings) and found.service_name == service:
            return found
    message = f"no settings of {service} were found in {module.__name__}"
    raise LookupError(message)


def _missing_keys(deployed: Deployed, documents: Sequence[Document]) -> Iterator[str]:
    secrets = {each["metadata"]["name"]: each["data"] for each in of_kind(documents, "Secret")}
    for variable in deployed.container["env"]:
        wanted = variable.get("valueFrom", {}).get("secretKeyRef", {"optional": True})
        if not wanted.get("optional") and wanted["key"] not in secrets.get(wanted["name"], {}):
            yield f"{variable['name']}: Secret {wanted['name']} has no {wanted['key']}"


def _unknown_variables(deployed: Deployed) -> Iterator[str]:
    fields = deployed.settings.model_fields
    known = {deployed.settings.variable(field) for field in fields}
    known |= {PREFIX + field.upper() for field in fields}
    everybody = (*SERVICES, *CLIENTS)
    others = tuple(f"{PREFIX}{_upper(each)}_" for each in everybody if each != deployed.name)
    for variable in deployed.environment:
        is_ours = variable.startswith(PREFIX) and not variable.startswith(others)
        if is_ours and variable not in known:
            yield f"{variable} is no setting of the service"
    wanted_values = {"NATS_URL": None, "NATS_USER": deployed.name}
    if deployed.settings.keeps_artifacts:
        wanted_values["STORE_URL"] = None
    for variable, wanted in wanted_values.items():
        value = deployed.environment.get(PREFIX + variable)
        if not value or (wanted and value != wanted):
            yield f"{PREFIX}{variable} is {value!r}"


def _unfit_ports(deployed: Deployed) -> Iterator[str]:
    ports = {port["name"]: port["containerPort"] for port in deployed.container["ports"]}
    listens = {"grpc": deployed.number("port"), "metrics": deployed.number("metrics_port")}
    if ports != listens:
        yield f"its ports {ports} are not those that it listens on"
    for probe in PROBES:
        if deployed.container.get(probe, {}).get("grpc", {}).get("port") != ports.get("grpc"):
            yield f"its {probe} asks at another port"


def _unfit_limits(deployed: Deployed) -> Iterator[str]:
    if deployed.pod["terminationGracePeriodSeconds"] < (
        deployed.number("drain_seconds") + LAST_SECONDS
    ):
        yield "it is killed before it has drained: raise terminationGracePeriodSeconds"
    volumes = {each["name"]: each.get("emptyDir", {}) for each in deployed.pod["volumes"]}
    size = volumes.get("scratch", {}).get("sizeLimit", "0")
    cache_bytes = deployed.number("s3_cache_bytes") if deployed.settings.keeps_artifacts else 0
    if size_in_bytes(size) <= cache_bytes:
        yield "its scratch volume is smaller than its cache"


def _environment(container: Mapping[str, Any], documents: Sequence[Document]) -> dict[str, str]:
    maps = {each["metadata"]["name"]: each["data"] for each in of_kind(documents, "ConfigMap")}
    environment: dict[str, str] = {}
    for source in container.get("envFrom", []):
        environment |= maps.get(source["configMapRef"]["name"], {})
    # What comes from a Secret is set, though nobody here knows to what.
    return environment | {each["name"]: each.get("value", "secret") for each in container["env"]}


def _upper(service: str) -> str:
    return service.replace("-", "_").upper()
