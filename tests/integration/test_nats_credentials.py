"""A service that NATS does not accept ends with one line that says what to set."""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.chassis.errors import InvalidInputError, UnavailableError
from services.chassis.messaging.jetstream import JetStreamLink
from tests.certificates import Authority
from tests.eventually import eventually
from tests.nats_users import UserSettings, linked_as, nats_with_users, user_settings
from tests.servers import NatsServer

OTHER_PASSWORD = "another"  # noqa: S105 - which nothing accepts
FOREVER_SECONDS = 3600.0


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
    with pytest.raises(UnavailableError, match="does not accept the user media"):
        async with JetStreamLink.connect(settings, patience_seconds=FOREVER_SECONDS):
            pass


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
    _, complaint = await asyncio.wait_for(process.communicate(), 60)
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


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "authority")


@pytest.fixture
def tls_server(tmp_path: Path, authority: Authority) -> Iterator[NatsServer]:
    certificate = authority.certificate("nats")
    options = ("--tls", "--tlscert", str(certificate.certificate_file))
    server = NatsServer(tmp_path / "nats", *options, "--tlskey", str(certificate.key_file), "-js")
    yield server
    server.stop()


async def test_nats_is_talked_to_over_tls(tls_server: NatsServer, authority: Authority) -> None:
    settings = UserSettings(nats_url=tls_server.url, nats_tls_ca_file=authority.ca_file)
    async with JetStreamLink.connect(settings) as link:
        assert (await link.jetstream.account_info()).streams == 4


async def test_an_unknown_certificate_ends_the_start_at_once(
    tls_server: NatsServer, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path, "stranger").ca_file
    for settings in (
        UserSettings(nats_url=tls_server.url),
        UserSettings(nats_url=tls_server.url, nats_tls_ca_file=stranger),
    ):
        with pytest.raises(UnavailableError, match=r"not trusted .*TTSTRAINER_NATS_TLS_CA_FILE"):
            async with JetStreamLink.connect(settings):
                pass


async def test_a_password_is_not_sent_in_the_clear_where_tls_is_asked_for(
    server: NatsServer, nats_server: NatsServer, authority: Authority
) -> None:
    nobody = UserSettings(nats_url=nats_server.url)  # of a server that asks for no user
    for settings in (user_settings("media", server.url), nobody):
        demanding = settings.model_copy(update={"nats_tls_ca_file": authority.ca_file})
        before = server.said
        with pytest.raises(UnavailableError, match="does not ask for TLS"):
            async with JetStreamLink.connect(demanding):
                pass
        assert "authentication error" not in server.said.removeprefix(before)


async def test_a_missing_authority_is_named(server: NatsServer, tmp_path: Path) -> None:
    missing = UserSettings(nats_url=server.url, nats_tls_ca_file=tmp_path / "none.pem")
    with pytest.raises(InvalidInputError, match=r"none\.pem \(No such file"):
        async with JetStreamLink.connect(missing):
            pass


async def test_what_is_no_address_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="TTSTRAINER_NATS_URL is no address"):
        async with JetStreamLink.connect(UserSettings(nats_url="nats://:x")):
            pass
