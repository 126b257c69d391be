"""Imports: files arrive in any chunks, over any number of calls, and are what they claim to be."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.chassis.errors import InvalidInputError, UnavailableError
from services.media import parts
from services.media.importing import Imports
from services.media.intake import Intake
from tests.fakes.artifacts import InMemoryArtifacts

CONTENT = bytes(range(256)) * 40
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MAX_BYTES = 100_000


@pytest.fixture
def store() -> InMemoryArtifacts:
    return InMemoryArtifacts()


@pytest.fixture
def imports(store: InMemoryArtifacts, tmp_path: Path) -> Imports:
    return Imports(store, Intake(store, tmp_path, MAX_BYTES), part_bytes=1000)


async def chunks_of(content: bytes, chunk_bytes: int = 700) -> AsyncIterator[bytes]:
    for start in range(0, len(content), chunk_bytes):
        yield content[start : start + chunk_bytes]


async def broken_after(content: bytes) -> AsyncIterator[bytes]:
    async for chunk in chunks_of(content):
        yield chunk
    raise ConnectionResetError


def part_keys(store: InMemoryArtifacts) -> Sequence[str]:
    return [key for key in store.objects if key.startswith(parts.IMPORT_KEYS)]


async def test_a_file_becomes_a_recording_named_by_its_hash(
    imports: Imports, store: InMemoryArtifacts, tmp_path: Path
) -> None:
    blob = await imports.receive(SHA256, len(CONTENT), 0, chunks_of(CONTENT))
    assert blob.uri == f"artifact://blobs/{SHA256}"
    assert store.objects == {f"blobs/{SHA256}": CONTENT}
    assert list(tmp_path.iterdir()) == []


async def test_parts_are_bounded_whatever_the_size_of_the_chunks(
    imports: Imports, store: InMemoryArtifacts
) -> None:
    await imports.receive(SHA256, len(CONTENT), 0, chunks_of(CONTENT, len(CONTENT)))
    written = [parts.part_at(key) for key in store.written_keys if "uploads/" in key]
    assert all(part and part.end - part.start <= 1000 for part in written)


async def test_a_broken_import_goes_on_where_it_stopped(
    imports: Imports, store: InMemoryArtifacts
) -> None:
    with pytest.raises(ConnectionResetError):
        await imports.receive(SHA256, len(CONTENT), 0, broken_after(CONTENT[:5300]))
    assert await imports.received(SHA256) == (5300, False)
    blob = await imports.receive(SHA256, len(CONTENT), 5300, chunks_of(CONTENT[5300:]))
    assert store.objects[blob.key] == CONTENT
    assert await imports.received(SHA256) == (len(CONTENT), True)
    assert part_keys(store) == []


async def test_a_stream_that_ends_early_says_how_to_go_on(imports: Imports) -> None:
    with pytest.raises(UnavailableError, match=r"5000 of 10240 bytes.*GetImport") as raised:
        await imports.receive(SHA256, len(CONTENT), 0, chunks_of(CONTENT[:5000]))
    assert raised.value.reason == "INCOMPLETE_IMPORT"


async def test_two_uploads_of_one_file_with_different_chunks_do_not_disturb_each_other(
    imports: Imports, store: InMemoryArtifacts
) -> None:
    with pytest.raises(ConnectionResetError):
        await imports.receive(SHA256, len(CONTENT), 0, broken_after(CONTENT[:4321]))
    with pytest.raises(ConnectionResetError):
        await imports.receive(SHA256, len(CONTENT), 100, broken_after(CONTENT[100:7777]))
    assert await imports.received(SHA256) == (7777, False)
    blob = await imports.receive(SHA256, len(CONTENT), 7001, chunks_of(CONTENT[7001:]))
    assert store.objects[blob.key] == CONTENT


async def test_an_upload_that_another_one_overtook_gets_the_same_recording(
    imports: Imports, store: InMemoryArtifacts
) -> None:
    async def overtaken() -> AsyncIterator[bytes]:
        yield CONTENT[:5000]
        await imports.receive(SHA256, len(CONTENT), 0, chunks_of(CONTENT))
        yield CONTENT[5000:]

    blob = await imports.receive(SHA256, len(CONTENT), 0, overtaken())
    assert store.objects == {blob.key: CONTENT}


async def test_a_stored_recording_is_returned_without_reading_a_chunk(imports: Imports) -> None:
    async def unread() -> AsyncIterator[bytes]:
        pytest.fail("a chunk was read")
        yield b""

    first = await imports.receive(SHA256, len(CONTENT), 0, chunks_of(CONTENT))
    assert await imports.receive(SHA256, len(CONTENT), 0, unread()) == first


async def test_bytes_with_another_hash_are_refused_and_forgotten(
    imports: Imports, store: InMemoryArtifacts
) -> None:
    damaged = CONTENT[:-1] + b"!"
    with pytest.raises(InvalidInputError, match="from its start") as raised:
        await imports.receive(SHA256, len(CONTENT), 0, chunks_of(damaged))
    assert raised.value.reason == "HASH_MISMATCH"
    assert store.objects == {}


async def test_more_bytes_than_announced_are_refused(imports: Imports) -> None:
    with pytest.raises(InvalidInputError) as raised:
        await imports.receive(SHA256, len(CONTENT), 0, chunks_of(CONTENT + b"more"))
    assert raised.value.reason == "SIZE_MISMATCH"


@pytest.mark.parametrize("offset", [-1, 1, 10_240])
async def test_a_first_chunk_behind_a_gap_is_refused(imports: Imports, offset: int) -> None:
    with pytest.raises(InvalidInputError, match="0 bytes have arrived") as raised:
        await imports.receive(SHA256, len(CONTENT), offset, chunks_of(b""))
    assert (raised.value.reason, raised.value.field) == ("GAP", "header.offset_bytes")


@pytest.mark.parametrize(
    ("size_bytes", "reason"), [(0, "EMPTY_FILE"), (-5, "EMPTY_FILE"), (100_001, "FILE_TOO_LARGE")]
)
async def test_empty_and_oversized_files_are_refused_before_a_byte_is_read(
    imports: Imports, size_bytes: int, reason: str
) -> None:
    with pytest.raises(InvalidInputError) as raised:
        await imports.receive(SHA256, size_bytes, 0, chunks_of(CONTENT))
    assert raised.value.reason == reason


@pytest.mark.parametrize("sha256", ["", "ABC", SHA256.upper(), SHA256 + "0", "../" + SHA256[3:]])
async def test_only_a_sha256_names_an_import(imports: Imports, sha256: str) -> None:
    with pytest.raises(InvalidInputError, match="64 lower-case"):
        await imports.received(sha256)


async def test_abandoned_imports_are_swept_and_young_ones_stay(
    imports: Imports, store: InMemoryArtifacts
) -> None:
    with pytest.raises(UnavailableError):
        await imports.receive(SHA256, len(CONTENT), 0, chunks_of(CONTENT[:3000]))
    assert await imports.sweep(datetime.now(UTC) - timedelta(days=7)) == 0
    assert part_keys(store)
    assert await imports.sweep(datetime.now(UTC) + timedelta(seconds=1)) == 1
    assert store.objects == {}
