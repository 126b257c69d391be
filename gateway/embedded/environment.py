"""The environment that a child of an embedded stack gets."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.embedded.data_folder import DataFolder
from gateway.services import PIPELINE, Service
from services.chassis.tether import PARENT_VARIABLE

# A step whose worker was killed is taken over after this time; heartbeats keep slow ones alive.
ACK_WAIT_SECONDS = "10"
DRAIN_SECONDS = "5"

# An embedded stack listens on the loopback interface alone, without TLS and tokens, and decides
# itself where things lie: what the user has set for a remote server does not concern it.
OWN_SETTINGS = frozenset(
    {
        "ADDRESS",
        "BEARER_TOKEN",
        "HOST",
        "LOG_FORMAT",
        "METRICS_PORT",
        "NATS_PASSWORD",
        "NATS_REPLICAS",
        "NATS_TLS_CA_FILE",
        "NATS_URL",
        "NATS_USER",
        "PORT",
        "SCRATCH_DIR",
        "STORE_URL",
        "TLS_CERTIFICATE_FILE",
        "TLS_CLIENT_CA_FILE",
        "TLS_KEY_FILE",
    }
)

# The bot's token is for the bot alone.
TOKEN_VARIABLES = ("TTSTRAINER_BOT_TOKEN", "DISCORD_TOKEN")

# How the command line names what only one service has to know.
WATCHED_FOLDER_VARIABLE = "TTSTRAINER_PIPELINE_WATCHED_FOLDER"


@dataclass(frozen=True, slots=True)
class ServicePorts:
    """Where a service listens."""

    service: Service
    port: int
    metrics_port: int


def service_environment(
    inherited: Mapping[str, str],
    *,
    host: str,
    ports: tuple[ServicePorts, ...],
    service: Service,
    data_folder: DataFolder,
    nats_url: str,
    watched_folder: Path | None = None,
) -> dict[str, str]:
    """Returns what `service` needs to know; the user's other TTSTRAINER_ settings pass through."""
    own = {f"{prefix}_{name}" for prefix in _prefixes(service) for name in OWN_SETTINGS}
    environment = {
        name: value for name, value in without_tokens(inherited).items() if name not in own
    }
    # Several services share the cores: one thread each in numerical libraries is fastest in sum.
    environment.setdefault("OMP_NUM_THREADS", "1")
    environment.setdefault("TTSTRAINER_ACK_WAIT_SECONDS", ACK_WAIT_SECONDS)
    environment.setdefault("TTSTRAINER_DRAIN_SECONDS", DRAIN_SECONDS)
    environment |= {
        "PYTHONUNBUFFERED": "1",
        "TTSTRAINER_HOST": host,
        "TTSTRAINER_LOG_FORMAT": "json",
        "TTSTRAINER_NATS_URL": nats_url,
        PARENT_VARIABLE: str(os.getpid()),
        "TTSTRAINER_SCRATCH_DIR": str(data_folder.scratch),
        "TTSTRAINER_STORE_URL": data_folder.store.as_uri(),
    }
    for each in ports:
        name = each.service.environment_name
        if each.service == service:
            environment[f"TTSTRAINER_{name}_PORT"] = str(each.port)
            environment[f"TTSTRAINER_{name}_METRICS_PORT"] = str(each.metrics_port)
        elif each.service.name in service.calls:
            variable = f"TTSTRAINER_{service.environment_name}_{name}_ADDRESS"
            environment[variable] = f"{host}:{each.port}"
    if watched_folder is not None and service == PIPELINE:
        environment[WATCHED_FOLDER_VARIABLE] = str(watched_folder)
    return environment


def without_tokens(inherited: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment of a child that is not the bot."""
    return {name: value for name, value in inherited.items() if name not in TOKEN_VARIABLES}


def _prefixes(service: Service) -> tuple[str, str]:
    """Returns how variables start that all services read, and those that this one reads first."""
    return "TTSTRAINER", f"TTSTRAINER_{service.environment_name}"
