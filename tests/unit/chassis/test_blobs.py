"""Content that is named by its hash."""

import hashlib
from pathlib import Path

import pytest
from google.protobuf.struct_pb2 import Struct
from google.protobuf.wrappers_pb2 import StringValue

from services.chassis.blobs import add_bytes, add_file, add_message, read_message, sha256_of
from services.chassis.errors import InvalidInputError, NotFoundError
from tests.fakes.artifacts import InMemoryArtifacts


@pytest.fixture
def store() -> InMemoryArtifacts:
    return InMemoryArtifacts()


async def test_a_blob_lies_under_the_hash_of_its_content(
    store: InMemoryArtifacts, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    sha256 = hashlib.sha256(b"content").hexdigest()
    blob = await add_file(store, path)
    assert blob == await add_bytes(store, b"content")
    assert (blob.sha256, blob.size_bytes) == (sha256, 7)
    assert (blob.key, blob.uri) == (f"blobs/{sha256}", f"artifact://blobs/{sha256}")
    assert store.objects == {blob.key: b"content"}
    assert sha256_of(path) == sha256


async def test_what_is_there_is_not_uploaded_again(
    store: InMemoryArtifacts, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    for _ in range(2):
        blob = await add_file(store, path)
        await add_bytes(store, b"content")
    assert store.written_keys == [blob.key]


async def test_equal_messages_are_one_blob(store: InMemoryArtifacts) -> None:
    one, other = Struct(), Struct()
    one.update({"b": 1.5, "a": ["ü", {"x": True}]})
    other.update({"a": ["ü", {"x": True}], "b": 1.5})
    blob = await add_message(store, one)
    assert blob == await add_message(store, other)
    assert await read_message(store, blob.uri, Struct) == one


async def test_reading_what_is_no_such_document_is_refused(store: InMemoryArtifacts) -> None:
    for content in (b"\xff\xfe", b"not json", b'{"a": "b"}'):
        blob = await add_bytes(store, content)
        with pytest.raises(InvalidInputError, match="StringValue"):
            await read_message(store, blob.uri, StringValue)


async def test_reading_what_is_not_there_is_not_found(store: InMemoryArtifacts) -> None:
    with pytest.raises(NotFoundError, match="artifact://blobs/none"):
        await read_message(store, "artifact://blobs/none", Struct)
