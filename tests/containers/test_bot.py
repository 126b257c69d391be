"""The image of the bot: what it holds, what it lacks, and how it starts and refuses to."""

import subprocess
import uuid
from collections.abc import Iterator

import pytest
import yaml

from tests.containers.alone import CONFINED, ran, started_with, variables
from tests.containers.compose import program
from tests.containers.engine import ROOT, docker, inspect
from tests.containers.figures import note_figure
from tests.eventually import eventually
from tests.nats_users import password_of, passwords

COMPONENT = "bot"
NATS_IMAGE = "nats:2.15.1-alpine"
MAX_IMAGE_BYTES = 350_000_000
TOKEN = "not-a-token-of-discord"  # noqa: S105 - which is the point


@pytest.fixture
def network(image: str) -> Iterator[str]:
    """A network of the engine with NATS in it, as it is deployed."""
    name = f"tts-trainer-test-{uuid.uuid4().hex[:8]}"
    docker("network", "create", name)
    told = variables(f"{name}={password}" for name, password in passwords().items())
    mounted = ("--volume", f"{ROOT}/deploy/nats:/etc/nats:ro", "--tmpfs", "/data")
    place = ("--network", name, "--network-alias", "nats", "--name", f"{name}-nats")
    command = ("nats-server", "--config", "/etc/nats/nats.conf")
    docker("run", "--detach", *place, *mounted, *told, NATS_IMAGE, *command)
    yield name
    docker("rm", "--force", "--volumes", f"{name}-nats")
    docker("network", "rm", name)


def test_it_is_slim(image: str) -> None:
    size = inspect(image)["Size"]
    note_figure(f"the image of bot: {size / 1e6:.0f} MB")
    assert size < MAX_IMAGE_BYTES


def test_it_holds_the_bot_and_its_client_and_no_service(image: str) -> None:
    asked = (
        "import pathlib, bot, gateway, services; print(*sorted(it.name for package in"
        " (gateway, services) for it in pathlib.Path(package.__file__).parent.iterdir()"
        " if it.name != '__pycache__'))"
    )
    found = ran(image, "python", "-c", asked).stdout.split()
    shared = ["chassis", "decoding", "speech"]
    assert found == sorted(["__init__.py"] * 2 + ["client", "services.py", *shared])
    absent = "import importlib.util as u; print(*map(u.find_spec, ('torch', 'TTS', 'onnxruntime')))"
    assert ran(image, "python", "-c", absent).stdout.split() == ["None"] * 3
    assert ran(image, "bash", "-c", "type -P ffmpeg gcc make pip git || true").stdout == ""


def test_it_can_encode_and_encrypt(image: str) -> None:
    loaded = "import davey, discord, nacl, soxr; from bot.audio.opus import OpusVoice; OpusVoice()"
    ended = ran(image, "python", "-W", "ignore", "-c", loaded)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ((), "DISCORD_TOKEN is not set"),
        (("DISCORD_TOKEN=x",), "TTSTRAINER_BOT_NATS_URL (or TTSTRAINER_NATS_URL) is not set"),
        (("DISCORD_TOKEN=x", "TTSTRAINER_BOT_PREFX=?"), "did you mean TTSTRAINER_BOT_PREFIX?"),
    ],
)
def test_a_missing_or_wrong_setting_ends_it_with_one_line(
    image: str, settings: tuple[str, ...], line: str
) -> None:
    ended = started_with(image, settings)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith("bot: ")
    assert line in ended.stderr


async def test_with_nats_it_gets_as_far_as_discord_which_does_not_let_it_in(
    image: str, network: str
) -> None:
    name = f"{network}-bot"
    told = variables(
        [
            f"DISCORD_TOKEN={TOKEN}",
            "TTSTRAINER_NATS_URL=nats://nats:4222",
            "TTSTRAINER_NATS_USER=bot",
            f"TTSTRAINER_NATS_PASSWORD={password_of('bot')}",
        ]
    )
    place = ("--network", network, "--name", name, "--tmpfs", "/scratch:uid=10001,gid=10001")
    docker("run", "--detach", *place, *CONFINED, *told, image)
    try:
        await eventually(
            lambda: inspect(name)["State"]["Status"] == "exited",
            within_seconds=90,
            every_seconds=0.5,
        )
        said = docker("logs", name, check=False)
        assert inspect(name)["State"]["ExitCode"] == 1, said
        last = said.splitlines()[-1]
        assert last.startswith("bot: Discord "), said  # cannot be reached, or knows no such token
        assert '"event": "bot_state.read"' in said, said
        assert TOKEN not in said
    finally:
        docker("rm", "--force", "--volumes", name)


def test_compose_starts_it_only_where_it_is_asked_for() -> None:
    def services(*profile: str) -> dict[str, dict[str, object]]:
        shown = subprocess.run(
            [*program(), *profile, "config"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        return dict(yaml.safe_load(shown.stdout)["services"])

    # Compose 1.29 shows what a profile would start, too; v2 leaves it out.
    assert services().get("bot", {"profiles": ["bot"]})["profiles"] == ["bot"]
    assert "bot" in services("--profile", "bot")
