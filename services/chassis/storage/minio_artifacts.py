"""The artifact store behind any S3 endpoint, through the MinIO SDK."""

import asyncio
import hashlib
import logging
import shutil
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import urllib3
from minio import Minio
from minio.datatypes import Object

from services.chassis.artifacts import (
    PIECE_BYTES,
    ObjectInfo,
    checked_key,
    checked_prefix,
    missing,
)
from services.chassis.errors import InvalidInputError
from services.chassis.storage import s3_errors
from services.chassis.storage.download_cache import DownloadCache

THREAD_COUNT = 8
PART_BYTES = 16 << 20
PARALLEL_PART_COUNT = 2
RETRIES = urllib3.Retry(total=3, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504])
TIMEOUT = urllib3.Timeout(connect=5, read=60)

T = TypeVar("T")


class MinioArtifacts:
    """Keeps each object under its key in one bucket, which is made when it is missing and may be.

    The SDK blocks, so every call runs in a small pool of threads of its own; what is held in
    memory at any moment is at most a few parts of 16 MiB, or one small object.
    """

    def __init__(
        self,
        client: Minio,
        bucket: str,
        cache: DownloadCache,
        *,
        thread_count: int = THREAD_COUNT,
    ) -> None:
        """Talks to nobody yet. `cache` is where `opened` downloads to."""
        self._client = client
        self._bucket = bucket
        self._cache = cache
        self._threads = ThreadPoolExecutor(thread_count, thread_name_prefix="s3")

    async def stat(self, key: str) -> ObjectInfo | None:
        """See ArtifactStore."""
        found = await self._call(_accepted(key), lambda: self._found(key))
        return _info(found) if found else None

    async def read(self, key: str) -> bytes:
        """See ArtifactStore."""
        return b"".join([piece async for piece in self.stream(key)])

    async def create(self, key: str, content: bytes) -> bool:
        """See ArtifactStore."""
        return await self._call(_accepted(key), lambda: self._created(key, content))

    async def write(self, key: str, content: bytes) -> None:
        """See ArtifactStore."""
        await self._call(_accepted(key), lambda: self._send(key, content, {}))

    async def put(self, key: str, path: Path) -> None:
        """See ArtifactStore."""
        await self._call(_accepted(key), lambda: self._upload(key, path))

    async def stream(self, key: str, *, offset_bytes: int = 0) -> AsyncIterator[bytes]:
        """See ArtifactStore."""
        response = await self._call(_accepted(key), lambda: self._got(key, offset_bytes))
        if response is None:
            return
        try:
            while piece := await self._call(key, lambda: response.read(PIECE_BYTES)):
                yield piece
        finally:
            response.close()
            response.release_conn()

    @asynccontextmanager
    async def opened(self, key: str) -> AsyncIterator[Path]:
        """See ArtifactStore."""
        found = await self._call(_accepted(key), lambda: self._found(key))
        if found is None:
            raise missing(key)
        # The name changes when the object does, so that a copy never gets stale.
        name = hashlib.sha256(f"{key}\0{found.etag}\0{found.size}".encode()).hexdigest()

        async def download(path: Path) -> None:
            await self._call(key, lambda: self._download(key, path))

        async with self._cache.opened(name, found.size or 0, download) as path:
            yield path

    async def list(self, prefix: str) -> AsyncIterator[ObjectInfo]:
        """See ArtifactStore."""
        checked_prefix(prefix)
        # Servers disagree on the order of `a-b` and `a/b`, so the order is made here.
        for found in await self._call(prefix, lambda: _listed(self._client, self._bucket, prefix)):
            yield found

    async def delete(self, key: str) -> None:
        """See ArtifactStore."""
        await self._call(_accepted(key), lambda: self._client.remove_object(self._bucket, key))

    async def _call(self, key: str, work: Callable[[], T]) -> T:
        """Runs blocking `work` in the pool and translates its errors."""
        run = asyncio.get_running_loop().run_in_executor
        try:
            try:
                return await run(self._threads, work)
            except s3_errors.FAILURES as error:
                if s3_errors.code_of(error) not in s3_errors.NO_BUCKET:
                    raise
                if not await run(self._threads, self._has_made_bucket):
                    raise
                return await run(self._threads, work)
        except s3_errors.FAILURES as error:
            raise s3_errors.service_error_of(error, key) from error

    def _has_made_bucket(self) -> bool:
        """Makes the bucket, or finds it made by somebody else; most keys may not make it."""
        try:
            self._client.make_bucket(self._bucket)
        except s3_errors.FAILURES as error:
            code = s3_errors.code_of(error)
            if code not in s3_errors.BUCKET_EXISTS | s3_errors.DENIED:
                raise
            return code in s3_errors.BUCKET_EXISTS
        return True

    def _found(self, key: str) -> Object | None:
        try:
            return self._client.stat_object(self._bucket, key)
        except s3_errors.FAILURES as error:
            if s3_errors.code_of(error) in s3_errors.ABSENT:
                return None
            raise

    def _got(self, key: str, offset_bytes: int) -> urllib3.BaseHTTPResponse | None:
        try:
            return self._client.get_object(self._bucket, key, offset=offset_bytes)
        except s3_errors.FAILURES as error:
            if s3_errors.code_of(error) in s3_errors.OUT_OF_RANGE:
                return None
            raise

    def _download(self, key: str, path: Path) -> None:
        """Not by the SDK's `fget_object`, which leaves a part under a name of its own behind."""
        response = self._client.get_object(self._bucket, key)
        try:
            with path.open("wb") as file:
                shutil.copyfileobj(response, file, PIECE_BYTES)
        finally:
            response.close()
            response.release_conn()

    def _created(self, key: str, content: bytes) -> bool:
        while True:
            try:
                self._send(key, content, {"If-None-Match": "*"})
            except s3_errors.FAILURES as error:
                code = s3_errors.code_of(error)
                if code in s3_errors.EXISTS:
                    return False
                # When two conditional writes meet, S3 may ask both to try again.
                if code not in s3_errors.CONDITION_RACE:
                    raise
            else:
                return True

    def _send(self, key: str, content: bytes, headers: dict[str, str]) -> None:
        """Puts in one request, with real headers: the public call takes conditions as metadata."""
        self._client._put_object(  # noqa: SLF001 - see above
            self._bucket, key, content, {"Content-Type": "application/octet-stream", **headers}
        )

    def _upload(self, key: str, path: Path) -> None:
        self._client.fput_object(
            self._bucket,
            key,
            str(path),
            part_size=PART_BYTES,
            num_parallel_uploads=PARALLEL_PART_COUNT,
        )


def s3_client(endpoint_url: str, access_key: str, secret_key: str, region: str = "") -> Minio:
    """Returns a client for the endpoint, such as `http://127.0.0.1:9000`, with short patience."""
    # It warns of each retry, with the whole URL; what comes of them all is told by us.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    url = urllib3.util.parse_url(endpoint_url)
    http = urllib3.PoolManager(maxsize=THREAD_COUNT, timeout=TIMEOUT, retries=RETRIES)
    return Minio(
        url.netloc or "",
        access_key or None,
        secret_key or None,
        secure=url.scheme == "https",
        region=region or None,
        http_client=http,
    )


def _listed(client: Minio, bucket: str, prefix: str) -> list[ObjectInfo]:
    objects = client.list_objects(bucket, prefix, recursive=True)
    found = [_info(each) for each in objects if not each.is_dir]
    return sorted(found, key=lambda each: each.key.encode())


def _accepted(key: str) -> str:
    """Refuses what some servers take for another key: SeaweedFS reads a backslash as `/`."""
    if "\\" in key:
        message = f"The S3 store does not take the key {key!r}: leave out the backslash."
        raise InvalidInputError(message, reason="INVALID_ARTIFACT_KEY")
    return checked_key(key)


def _info(found: Object) -> ObjectInfo:
    modified_time = found.last_modified or datetime.fromtimestamp(0, UTC)
    return ObjectInfo(str(found.object_name), found.size or 0, modified_time)
