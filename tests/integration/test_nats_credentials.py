"""A service that NATS does not accept ends with one line that says what to set."""

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.chassis.errors import UnavailableError
from services.chassis.messaging.jetstream import JetStreamLink
from tests.eventually import eventually
from tests.nats_users import linked_as, nats_with_users, user_settings
from tests.servers import NatsServer

OTHER_PASSWORD = "another"  # noqa: S105 - which nothing accepts


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    server = nats_with_users(tmp_path_factory.mktemp("nats-users"))
    yield server
    server.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[NatsServer]:
    server = nats_with_users(tmp_path / "nats")
    yield server
    server.stop()


async def test_a_wrong_password_ends_the_start_at_once(server: NatsServer) -> None:
    settings = user_settings("media", server.url, password=OTHER_PASSWORD)
    started = time.monotonic()
    with pytest.raises(UnavailableError, match="does not accept the user media"):
        async with JetStreamLink.connect(settings):
            pass
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (
            {},
            (
                "media: NATS asks who we are: set TTSTRAINER_MEDIA_NATS_USER and "
                "TTSTRAINER_MEDIA_NATS_PASSWORD (or TTSTRAINER_NATS_USER and "
                "TTSTRAINER_NATS_PASSWORD).\n"
            ),
        ),
        (
            {"TTSTRAINER_NATS_USER": "media", "TTSTRAINER_NATS_PASSWORD": OTHER_PASSWORD},
            (
                "media: NATS does not accept the user media with this password: set "
                "TTSTRAINER_MEDIA_NATS_USER and TTSTRAINER_MEDIA_NATS_PASSWORD (or "
                "TTSTRAINER_NATS_USER and TTSTRAINER_NATS_PASSWORD) to what the server's "
                "configuration says.\n"
            ),
        ),
        (
            {"TTSTRAINER_NATS_USER": "audio-qc", "TTSTRAINER_NATS_PASSWORD": "of-audio-qc"},
            (
                "media: NATS does not let the user audio-qc publish to "
                "$JS.API.CONSUMER.CREATE.WORK.ttstrainer_media_v1_MediaService_ProbeMedia.work."
                "ttstrainer.media.v1.MediaService.ProbeMedia.*: add it to the user's permissions "
                "in the server's configuration.\n"
            ),
        ),
    ],
    ids=["nobody", "wrong password", "wrong user"],
)
async def test_a_service_that_nats_refuses_ends_with_one_line(
    server: NatsServer, tmp_path: Path, variables: dict[str, str], said: str
) -> None:
    ours = {
        "TTSTRAINER_NATS_URL": server.url,
        "TTSTRAINER_STORE_URL": f"file://{tmp_path}/store",
        "TTSTRAINER_SCRATCH_DIR": f"{tmp_path}/scratch",
        "TTSTRAINER_MEDIA_PORT": "0",
        "TTSTRAINER_MEDIA_METRICS_PORT": "0",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.media"),
        env={**os.environ, **ours, **variables},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaint = await asyncio.wait_for(process.communicate(), 30)
    last_line = complaint.decode().splitlines(keepends=True)[-1]
    assert (process.returncode, last_line) == (1, said)


async def test_a_service_waits_for_a_server_but_ends_when_that_has_another_password(
    own_server: NatsServer,
) -> None:
    async with linked_as("media", own_server.url) as media:
        lost = asyncio.create_task(media.connection.lost())
        own_server.stop()
        own_server.start()
        await eventually(lambda: media.connection.is_connected)
        assert not lost.done()
        own_server.stop()
        own_server.environment["NATS_MEDIA_PASSWORD"] = OTHER_PASSWORD
        own_server.start()
        with pytest.raises(UnavailableError, match="does not accept the user media"):
            await asyncio.wait_for(lost, 20)


async def test_a_service_ends_when_a_running_server_gets_another_password(
    own_server: NatsServer, tmp_path: Path
) -> None:
    config = tmp_path / "nats" / "nats.conf"
    async with linked_as("media", own_server.url) as media:
        lost = asyncio.create_task(media.connection.lost())
        config.write_text(config.read_text().replace("$NATS_MEDIA_PASSWORD", OTHER_PASSWORD))
        own_server.reload()
        with pytest.raises(UnavailableError, match="does not accept the user media"):
            await asyncio.wait_for(lost, 20)
