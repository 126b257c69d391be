"""Speech out of a container: by itself with nothing beside it, and in the stack."""

import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.services import ALL
from tests.containers.alone import CONFINED
from tests.containers.compose import HOST, ComposeStack, wait_until_healthy
from tests.containers.engine import docker, inspect
from tests.containers.figures import note_figure
from tests.e2e.command import tts_trainer
from tests.e2e.grpcurl import Grpcurl, Json
from tests.e2e.test_grpcurl_speech import heard
from tests.eventually import eventually

COMPONENT = "inference"
PORT = 50057
TEXT = "All circuits are busy now. Please try your call again later."
MAX_IMAGE_BYTES = 2_500_000_000


@dataclass(frozen=True, slots=True)
class Alone:
    """A container without a stack."""

    name: str

    def address(self, service: str) -> str:
        """Returns where it answers gRPC on this machine."""
        return docker("port", self.name, str(PORT)).split()[0]


@pytest.fixture
async def container(image: str) -> AsyncIterator[Alone]:
    """The service, which speaks without NATS and keeps artifacts in its own folder."""
    alone = Alone(f"tts-trainer-test-{uuid.uuid4().hex[:8]}")
    store = "TTSTRAINER_STORE_URL=file:///scratch/store"
    options = ("--tmpfs", "/scratch:uid=10001,gid=10001", "--env", store)
    published = ("--publish", f"{HOST}::{PORT}", "--health-interval", "1s")
    docker("run", "--detach", "--name", alone.name, *CONFINED, *options, *published, image)
    try:
        await eventually(
            lambda: inspect(alone.name)["State"]["Health"]["Status"] == "healthy",
            within_seconds=120,
            every_seconds=0.5,
        )
        yield alone
    finally:
        docker("rm", "--force", "--volumes", alone.name)


def test_the_image_is_not_larger_than_it_must_be(image: str) -> None:
    size = inspect(image)["Size"]
    note_figure(f"the image of inference: {size / 1e6:.0f} MB")
    assert size < MAX_IMAGE_BYTES


async def test_it_speaks_as_joe_and_stops_in_good_order(container: Alone) -> None:
    grpcurl = Grpcurl(container)
    start = time.monotonic()
    first = spoken(grpcurl)
    note_figure(
        f"the first sentence of a container, its model loaded: {time.monotonic() - start:.1f} s"
    )
    again = spoken(grpcurl)
    assert first == again, "the same seed gives the same audio"
    answer = grpcurl.call(
        "inference", "SynthesizeSpeech", {"text": TEXT, "file_format": "FILE_FORMAT_MP3"}
    )
    assert answer["media_type"] == "audio/mpeg"
    docker("stop", "--time", "30", container.name)
    assert inspect(container.name)["State"]["ExitCode"] == 0


def test_the_stack_speaks(stack: ComposeStack) -> None:
    assert spoken(Grpcurl(stack))


def test_the_command_speaks_through_the_stack(stack: ComposeStack, tmp_path: Path) -> None:
    output = tmp_path / "out.flac"
    said = ("inference", "--text", TEXT, "--output", output, "--server", stack.host)
    ended = tts_trainer(*said, home=tmp_path / "home", settings=addresses(stack))
    assert ended.exit_code == 0, ended
    assert ended.result["voice_id"] == "joe"
    assert output.read_bytes().startswith(b"fLaC")


def test_a_consent_that_is_withdrawn_in_one_container_is_heard_of_in_the_other(
    stack: ComposeStack, tmp_path: Path
) -> None:
    def command(*arguments: str) -> Json:
        asked = (*arguments, "--server", stack.host)
        ended = tts_trainer(*asked, home=tmp_path / "home", settings=addresses(stack))
        return ended.result

    consent = command("consents", "grant", "--speaker", "Ada", "--i-have-consent")
    withdrawn = command("consents", "withdraw", consent["consent_id"], "--yes")
    assert withdrawn["withdraw_time"]
    grpcurl = Grpcurl(stack)
    header = {"voice_id": "ada", "language_code": "en", "consent_id": consent["consent_id"]}
    assert "Code: " in grpcurl.refusal("voices", "CreateVoice", {"header": header})
    wait_until_healthy(stack)


def spoken(grpcurl: Grpcurl) -> bytes:
    """Returns what is heard of the text."""
    request = {"text": TEXT, "options": {"voice_id": "joe", "seed": "7"}}
    parts = [each["part"] for each in grpcurl.stream("inference", "StreamSpeech", request)]
    assert parts[0]["format"]["synthetic"] is True
    assert parts[-1]["summary"]["finish_reason"] == "FINISH_REASON_COMPLETE"
    return heard(parts[1:-1]).tobytes()


def addresses(stack: ComposeStack) -> dict[str, str]:
    """Returns where the command finds the services of the stack."""
    return {f"TTSTRAINER_{each.environment_name}_ADDRESS": stack.address(each.name) for each in ALL}
