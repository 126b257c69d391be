"""The S3 store, against a real S3 server."""

import asyncio
from pathlib import Path

import pytest

from services.chassis.artifacts import ArtifactStore
from services.chassis.errors import InvalidInputError, UnavailableError
from services.chassis.storage.download_cache import DownloadCache
from services.chassis.storage.minio_artifacts import MinioArtifacts, s3_client
from tests.contract.artifact_store_suite import ArtifactStoreSuite
from tests.servers import S3_ACCESS_KEY, S3_BUCKET, S3_SECRET_KEY, S3Server, free_port

HALF_AN_ANSWER = (
    b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\nETag: "1"\r\nConnection: close\r\n'
    b"Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n"
)


def store_on(
    server: S3Server, scratch: Path, *, bucket: str = S3_BUCKET, secret: str = S3_SECRET_KEY
) -> MinioArtifacts:
    client = s3_client(server.endpoint_url, S3_ACCESS_KEY, secret)
    cache = DownloadCache(scratch, capacity_bytes=1 << 30)
    # Many threads: this server makes those who lose a race wait for a second.
    return MinioArtifacts(client, bucket, cache, thread_count=64)


class TestMinioArtifacts(ArtifactStoreSuite):
    @pytest.fixture
    def store(self, s3_server: S3Server, tmp_path: Path) -> ArtifactStore:
        return store_on(s3_server, tmp_path / "scratch")

    async def test_a_backslash_is_refused(self, store: ArtifactStore) -> None:
        with pytest.raises(InvalidInputError, match="backslash"):
            await store.write("inbox/anna/a\\b", b"1")


async def test_a_missing_bucket_is_made_though_many_need_it(
    s3_server: S3Server, tmp_path: Path
) -> None:
    store = store_on(s3_server, tmp_path, bucket="made-on-first-use")
    await asyncio.gather(*(store.write(f"{n}", b"1") for n in range(8)))
    assert len([found async for found in store.list("")]) == 8


async def test_wrong_keys_are_told_apart_from_an_absent_server(
    s3_server: S3Server, tmp_path: Path
) -> None:
    with pytest.raises(UnavailableError, match="access key") as caught:
        await store_on(s3_server, tmp_path, secret="wrong").write("a", b"1")  # noqa: S106 - wrong
    assert caught.value.reason == "STORE_DENIED"


async def test_an_absent_server_is_unavailable(tmp_path: Path) -> None:
    client = s3_client(f"http://127.0.0.1:{free_port()}", S3_ACCESS_KEY, S3_SECRET_KEY)
    store = MinioArtifacts(client, S3_BUCKET, DownloadCache(tmp_path, capacity_bytes=1))
    with pytest.raises(UnavailableError, match="cannot be reached"):
        await store.stat("a")


async def test_readers_at_once_share_one_download(s3_server: S3Server, tmp_path: Path) -> None:
    store = store_on(s3_server, tmp_path / "scratch")
    await store.write("shared", bytes(1 << 20))

    async def path_of_copy() -> Path:
        async with store.opened("shared") as path:
            assert path.stat().st_size == 1 << 20
            return path

    assert len(set(await asyncio.gather(*(path_of_copy() for _ in range(10))))) == 1


async def test_a_download_that_breaks_off_leaves_nothing_behind(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        writer.write(HALF_AN_ANSWER + (b"" if request.startswith("HEAD") else bytes(50)))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1") as server:
        host, port = server.sockets[0].getsockname()
        client = s3_client(f"http://{host}:{port}", S3_ACCESS_KEY, S3_SECRET_KEY, "us-east-1")
        store = MinioArtifacts(client, S3_BUCKET, DownloadCache(tmp_path, capacity_bytes=1 << 20))
        with pytest.raises(UnavailableError):
            async with store.opened("a"):
                pass
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [".lock"]
