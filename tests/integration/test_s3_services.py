"""Services that sign with a key that may touch objects, and nothing else."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.chassis.artifacts import ArtifactStore
from services.chassis.errors import UnavailableError
from services.chassis.storage.download_cache import DownloadCache
from services.chassis.storage.minio_artifacts import MinioArtifacts
from services.chassis.storage.readiness import until_usable
from tests.contract.artifact_store_suite import ArtifactStoreSuite
from tests.deployed_s3 import BUCKET, DeployedS3
from tests.echo_process import echo_process
from tests.eventually import eventually

FOREVER_SECONDS = 3600.0

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedS3]:
    """A server after its first start."""
    server = DeployedS3(tmp_path_factory.mktemp("s3"))
    server.start()
    assert server.first_start().returncode == 0
    yield server
    server.kill()


@pytest.fixture
def own_s3(tmp_path: Path) -> Iterator[DeployedS3]:
    """A server for one test, before its first start."""
    server = DeployedS3(tmp_path / "s3")
    server.start()
    yield server
    server.kill()


def store_of(server: DeployedS3, scratch: Path, who: str = "services") -> MinioArtifacts:
    cache = DownloadCache(scratch, capacity_bytes=1 << 30)
    # Many threads: this server makes those who lose a race wait for a second.
    return MinioArtifacts(server.client(who), BUCKET, cache, thread_count=64)


class TestArtifactsOfTheServicesKey(ArtifactStoreSuite):
    @pytest.fixture
    def store(self, s3: DeployedS3, tmp_path: Path) -> ArtifactStore:
        return store_of(s3, tmp_path)


async def test_a_bucket_that_is_missing_is_named_with_what_to_do(
    own_s3: DeployedS3, tmp_path: Path
) -> None:
    store = store_of(own_s3, tmp_path)
    with pytest.raises(UnavailableError, match="run s3-init") as caught:
        await store.write("blobs/1", b"1")
    assert caught.value.reason == "STORE_HAS_NO_BUCKET"


async def test_a_store_without_a_bucket_or_with_a_wrong_key_is_not_waited_for(
    own_s3: DeployedS3, tmp_path: Path
) -> None:
    stranger = DeployedS3(tmp_path / "unused")
    stranger.endpoint_url = own_s3.endpoint_url
    stranger.keys |= {"S3_SERVICES_SECRET_KEY": "wrong-secret"}
    for server, reason in ((own_s3, "STORE_HAS_NO_BUCKET"), (stranger, "STORE_DENIED")):
        with pytest.raises(UnavailableError) as caught:
            await until_usable(store_of(server, tmp_path), patience_seconds=FOREVER_SECONDS)
        assert caught.value.reason == reason


async def test_a_store_that_does_not_come_is_waited_for_and_then_named(tmp_path: Path) -> None:
    nobody = DeployedS3(tmp_path / "never started")
    with pytest.raises(UnavailableError, match="check that it runs") as caught:
        await until_usable(store_of(nobody, tmp_path), patience_seconds=0)
    assert caught.value.reason == "STORE_UNAVAILABLE"


async def test_a_service_that_may_not_use_its_store_ends_with_one_line(
    s3: DeployedS3, tmp_path: Path
) -> None:
    wrong = {"TTSTRAINER_S3_SECRET_KEY": "wrong-secret"}
    async with echo_process(tmp_path, {**s3.environment("services"), **wrong}) as echo:
        assert await echo.exit_code() == 1
        lines = [line for line in echo.said.splitlines() if not line.startswith("{")]
    assert len(lines) == 1
    assert lines[0].startswith("echo: The S3 server refused us (SignatureDoesNotMatch)")


async def test_a_service_that_starts_before_its_store_waits_for_it(
    tmp_path: Path,
) -> None:
    server = DeployedS3(tmp_path / "s3")
    try:
        async with echo_process(tmp_path, server.environment("services")) as echo:
            await eventually(lambda: echo.line("store.waiting"), within_seconds=20)
            await asyncio.to_thread(server.start)
            ended = await asyncio.to_thread(server.first_start)
            assert ended.returncode == 0
            # It ends when the bucket was asked for before it was made: Compose starts it again.
            await eventually(lambda: echo.line("service.started") or echo.process.returncode)
            assert echo.line("service.started") or "run s3-init" in echo.said
    finally:
        server.kill()
