"""Names of artifacts, and which store a setting means."""

from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.artifacts import checked_key, key_of, uri_of
from services.chassis.errors import InvalidInputError, UnavailableError
from services.chassis.settings import ServiceSettings
from services.chassis.storage.local_artifacts import LocalArtifacts
from services.chassis.storage.minio_artifacts import MinioArtifacts
from services.chassis.storage.stores import open_store

PARTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1)


@given(st.lists(PARTS.filter(lambda part: part not in {".", ".."} and len(part) < 60), min_size=1))
def test_every_clean_key_survives_as_a_uri(parts: list[str]) -> None:
    key = "/".join(parts[:3])
    assert key_of(uri_of(key)) == key


def test_uris_are_plain_ascii() -> None:
    uri = uri_of('inbox/anna/ü "x" 100%?#.mp4')
    assert uri == "artifact://inbox/anna/%C3%BC%20%22x%22%20100%25%3F%23.mp4"


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "blobs/abc",
        "/etc/passwd",
        "file:///etc/passwd",
        "s3://bucket/key",
        "https://example.com/a",
        "artifact://",
        "artifact:///etc/passwd",
        "artifact://../secret",
        "artifact://a/%2E%2E/b",
        "artifact://a/%2e%2e%2fb",
        "artifact://a//b",
        "artifact://a?x=1",
        "artifact://a#b",
        "artifact://%FF",
        "artifact://a%00b",
    ],
)
def test_other_uris_are_refused_with_the_field(uri: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        key_of(uri, field="recording_uri")
    assert caught.value.field == "recording_uri"


def test_a_part_may_have_255_bytes_and_no_more() -> None:
    assert checked_key("ü" * 127)
    with pytest.raises(InvalidInputError, match="longer"):
        checked_key("ü" * 128)


def test_the_setting_chooses_the_store(tmp_path: Path) -> None:
    local = ServiceSettings(store_url=f"file://{tmp_path}")
    s3 = ServiceSettings(store_url="s3://artifacts?endpoint=http://127.0.0.1:9000")
    assert isinstance(open_store(local), LocalArtifacts)
    assert isinstance(open_store(s3), MinioArtifacts)


class Forgetful(ServiceSettings):
    """Settings of a service that keeps no artifacts."""

    keeps_artifacts: ClassVar[bool] = False


async def test_a_service_that_keeps_no_artifacts_is_refused_each_of_them(tmp_path: Path) -> None:
    store = open_store(Forgetful(store_url=f"file://{tmp_path}/store"))
    for asked in (
        lambda: store.stat("a"),
        lambda: store.read("a"),
        lambda: store.create("a", b""),
        lambda: store.write("a", b""),
        lambda: store.put("a", tmp_path),
        lambda: store.delete("a"),
    ):
        with pytest.raises(UnavailableError, match="keeps no artifacts"):
            await asked()
    for begun in (lambda: store.stream("a"), lambda: store.opened("a"), lambda: store.list("a")):
        with pytest.raises(UnavailableError, match="keeps no artifacts"):
            begun()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["s3://bucket", "s3://?endpoint=http://x:1"])
def test_an_incomplete_setting_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError, match="TTSTRAINER_STORE_URL"):
        open_store(ServiceSettings(store_url=url))
