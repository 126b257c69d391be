"""The variables that compose itself reads from .env: found in its files, with what they are for."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z][A-Z0-9_]*)(?::-(?P<default>[^}]*))?\}")

MEANINGS = {
    "PUBLISH_ADDRESS": "Who may reach the published ports: this machine; 0.0.0.0 for all.",
    "INBOX": "The folder of this machine whose files, <voice>/<file>, are taken as drops.",
    "S3_PORT": "The port of this machine at which S3 answers.",
    "IMAGE_PREFIX": "Where the images of the components come from, and go to.",
    "IMAGE_TAG": "Which of them.",
    "BASE_IMAGE": "What the images are made from.",
    "BUILD_IMAGE": "What they are built in: may hold pip's configuration for a mirror.",
    "TORCH_INDEX_URL": "Where pip looks for torch too: an index with CPU builds, say.",
    "NATS_IMAGE": "The server of queues and events.",
    "S3_IMAGE": "The S3 server.",
    "NATS_{}_PASSWORD": "Passwords of the users of NATS: one for each service, one for people.",
    "DISCORD_TOKEN": "The token of the Discord bot's account, for the profile `bot`: "
    "https://discord.com/developers/applications (your application, page Bot).",
    "S3_{}_KEY": "The keys of S3: its owner, the services, the one that speaks, people who drop "
    "videos.",
    "{}_MEMORY": "How much memory a container may use.",
    "GRAFANA_ADMIN_PASSWORD": "The password of Grafana's admin.",
    "GRAFANA_IMAGE": "The server of the dashboards.",
    "GRAFANA_PORT": "The port of this machine at which Grafana answers.",
    "PROMETHEUS_IMAGE": "The server of the metrics.",
    "PROMETHEUS_ADDRESS": "Who may reach Prometheus, which asks for no password.",
    "PROMETHEUS_PORT": "The port of this machine at which Prometheus answers.",
    "PROMETHEUS_RETENTION": "How long metrics are kept.",
    "PROMETHEUS_S3_TARGETS": "Where the S3 server tells its metrics: targets, or minio.",
    "ALERTMANAGER_IMAGE": "The server that sends alerts on.",
    "ALERTMANAGER_CONFIG": "Where alerts go: a file like deploy/alertmanager/alertmanager.yml.",
}
"""In the order of the file; {} stands for several names."""


def compose_variables() -> dict[str, dict[str, str]]:
    """Returns the variables with their defaults, by what they are for.

    Raises KeyError for one that nobody has described.
    """
    found: dict[str, dict[str, str]] = {meaning: {} for meaning in MEANINGS.values()}
    for name, default in _mentioned():
        found[MEANINGS[_described_as(name)]].setdefault(name, default)
    return found


def _mentioned() -> Iterator[tuple[str, str]]:
    overlays = sorted((ROOT / "deploy" / "compose").glob("*.yml"))
    for path in (ROOT / "docker-compose.yml", *overlays):
        for match in VARIABLE.finditer(path.read_text()):
            if not match["name"].startswith("TTSTRAINER_"):
                yield match["name"], match["default"] or ""


def _described_as(name: str) -> str:
    if name in MEANINGS:
        return name
    for pattern in MEANINGS:
        if "{}" in pattern and re.fullmatch(pattern.replace("{}", "[A-Z0-9_]+"), name):
            return pattern
    message = f"{name}: say in deploy/settings/compose_variables.py what it is for"
    raise KeyError(message)
