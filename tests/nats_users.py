"""The NATS server as it is deployed, with a user for each service."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar

from pydantic import SecretStr

from services.chassis.messaging.jetstream import JetStreamLink
from services.chassis.settings import ServiceSettings
from tests.servers import NatsServer, free_port

CONFIGURATION = Path(__file__).parents[1] / "deploy" / "nats"
USERS = ("media", "audio-qc", "transcription", "dataset", "inference", "bot", "pipeline", "admin")


class UserSettings(ServiceSettings):
    """Of a service that is impatient, so that tests are quick."""

    store_url: str = "file:///nowhere"
    ack_wait_seconds: float = 1.0
    drain_seconds: float = 0.0


class LeaderSettings(UserSettings):
    """Of the service that leads runs."""

    leads_runs: ClassVar[bool] = True


def nats_with_users(folder: Path) -> NatsServer:
    """Returns a server that runs with deploy/nats/nats.conf on data in `folder`."""
    config = configuration(folder) / "nats.conf"
    options = ("--config", str(config), "-m", str(free_port()))
    return NatsServer(folder, *options, environment=passwords())


def configuration(folder: Path) -> Path:
    """Copies the deployed configuration into `folder`, where the data shall lie as well."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for deployed in CONFIGURATION.glob("*.conf"):
        text = deployed.read_text()
        (folder / deployed.name).write_text(text.replace(" /data", f" {folder}/data"))
    return folder


def passwords() -> Mapping[str, str]:
    """Returns the variables with the passwords that the server is given."""
    names = {user: user.replace("-", "_").upper() for user in USERS}
    return {f"NATS_{name}_PASSWORD": password_of(user) for user, name in names.items()}


def password_of(user: str) -> str:
    """Returns the password of a user."""
    return f"of-{user}"


def user_settings(user: str, nats_url: str, *, password: str = "", **others: float) -> UserSettings:
    """Returns the settings of the service that `user` is."""
    settings_type = LeaderSettings if user == "pipeline" else UserSettings
    who = {"nats_user": user, "nats_password": SecretStr(password or password_of(user))}
    return settings_type.model_validate({"nats_url": nats_url, **who, **others})


@asynccontextmanager
async def linked_as(user: str, nats_url: str) -> AsyncIterator[JetStreamLink]:
    """Gives a link of that user."""
    async with JetStreamLink.connect(user_settings(user, nats_url), patience_seconds=10) as link:
        yield link


def violations(server: NatsServer, before: str = "") -> list[str]:
    """Returns what the server has refused since its log was `before`."""
    said = server.said.removeprefix(before)
    return [line for line in said.splitlines() if "[ERR]" in line]
