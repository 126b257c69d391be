"""A folder of this machine whose files end up in the inbox."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from services.chassis.key_value import Entry
from services.pipeline.drops.watched_folder import WatchedFolder
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.key_value import InMemoryKeyValue
from tests.fakes.pipeline import Clock

KEPT_FOR = timedelta(days=90)
DAY_SECONDS = 24 * 3600.0


@pytest.fixture
def store() -> InMemoryArtifacts:
    return InMemoryArtifacts()


@pytest.fixture
def bucket(clock: Clock) -> InMemoryKeyValue:
    return InMemoryKeyValue(clock)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def watching(
    folder: Path, store: InMemoryArtifacts, bucket: InMemoryKeyValue, clock: Clock
) -> WatchedFolder:
    return WatchedFolder(
        folder, store=store, bucket=bucket, rest_seconds=5, kept_for=KEPT_FOR, clock=clock
    )


def dropped(folder: Path, name: str, content: bytes = b"video") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


async def test_a_file_that_rests_is_copied_once(
    tmp_path: Path, store: InMemoryArtifacts, bucket: InMemoryKeyValue, clock: Clock
) -> None:
    dropped(tmp_path, "ada/it's\n🎙.mp4")
    folder = watching(tmp_path, store, bucket, clock)

    await folder.look()
    assert store.objects == {}
    for _ in range(3):
        clock.pass_seconds(5)
        await folder.look()

    assert store.objects == {"inbox/ada/it's\n🎙.mp4": b"video"}
    assert len(store.written_keys) == 1


async def test_a_file_that_grows_is_not_copied_half(
    tmp_path: Path, store: InMemoryArtifacts, bucket: InMemoryKeyValue, clock: Clock
) -> None:
    folder = watching(tmp_path, store, bucket, clock)
    for length in range(5):
        dropped(tmp_path, "ada/a.mp4", b"x" * length)
        await folder.look()
        clock.pass_seconds(4)

    assert store.objects == {}


async def test_a_restart_copies_nothing_again(
    tmp_path: Path, store: InMemoryArtifacts, bucket: InMemoryKeyValue, clock: Clock
) -> None:
    dropped(tmp_path, "ada/a.mp4")
    for _ in range(2):
        folder = watching(tmp_path, store, bucket, clock)
        await folder.look()
        clock.pass_seconds(5)
        await folder.look()

    assert len(store.written_keys) == 1


class CountedKeyValue(InMemoryKeyValue):
    """Counts how often it was asked."""

    get_count = 0

    async def get(self, key: str) -> Entry | None:
        self.get_count += 1
        return await super().get(key)


async def test_files_that_lie_there_are_not_asked_about_again_and_again(
    tmp_path: Path, store: InMemoryArtifacts, clock: Clock
) -> None:
    bucket = CountedKeyValue(clock)
    for number in range(10):
        dropped(tmp_path, f"ada/{number}.mp4")
    folder = watching(tmp_path, store, bucket, clock)
    for _ in range(100):
        await folder.look()
        clock.pass_seconds(5)

    assert len(store.written_keys) == 10
    assert bucket.get_count <= 20


async def test_a_file_that_changed_is_copied_again(
    tmp_path: Path, store: InMemoryArtifacts, bucket: InMemoryKeyValue, clock: Clock
) -> None:
    folder = watching(tmp_path, store, bucket, clock)
    for content in (b"one", b"three"):
        path = dropped(tmp_path, "ada/a.mp4", content)
        os.utime(path, (len(content), len(content)))
        await folder.look()
        clock.pass_seconds(5)
        await folder.look()

    assert store.objects == {"inbox/ada/a.mp4": b"three"}


async def test_unfinished_hidden_and_voiceless_files_are_left_alone(
    tmp_path: Path, store: InMemoryArtifacts, bucket: InMemoryKeyValue, clock: Clock
) -> None:
    for name in ("ada/a.mp4.part", "ada/.a.mp4", ".trash/a.mp4", "a.mp4", "ada/b.mp4~"):
        dropped(tmp_path, name)
    folder = watching(tmp_path, store, bucket, clock)

    await folder.look()
    clock.pass_seconds(5)
    await folder.look()

    assert store.objects == {}


async def test_a_name_that_is_no_text_is_passed_over(
    tmp_path: Path, store: InMemoryArtifacts, bucket: InMemoryKeyValue, clock: Clock
) -> None:
    dropped(tmp_path, "ada/" + os.fsdecode(b"\xff.mp4"))
    dropped(tmp_path, "ada/good.mp4")
    folder = watching(tmp_path, store, bucket, clock)

    await folder.look()
    clock.pass_seconds(5)
    await folder.look()

    assert list(store.objects) == ["inbox/ada/good.mp4"]


async def test_a_file_that_lies_there_for_years_is_copied_once(
    tmp_path: Path, store: InMemoryArtifacts, bucket: InMemoryKeyValue, clock: Clock
) -> None:
    path = dropped(tmp_path, "ada/a.mp4")
    folder = watching(tmp_path, store, bucket, clock)
    for _ in range(100):
        await folder.look()
        clock.pass_seconds(10 * DAY_SECONDS)
    assert len(store.written_keys) == 1

    path.unlink()
    for _ in range(20):
        await folder.look()
        clock.pass_seconds(10 * DAY_SECONDS)
    assert bucket.entries == {}


async def test_a_link_that_leads_nowhere_keeps_no_other_file_waiting(
    tmp_path: Path, store: InMemoryArtifacts, bucket: InMemoryKeyValue, clock: Clock
) -> None:
    dropped(tmp_path, "ada/a.mp4")
    (tmp_path / "ada" / "loop.mp4").symlink_to("loop.mp4")
    (tmp_path / "ada" / "nowhere.mp4").symlink_to("nothing.mp4")
    folder = watching(tmp_path, store, bucket, clock)

    await folder.look()
    clock.pass_seconds(5)
    await folder.look()

    assert list(store.objects) == ["inbox/ada/a.mp4"]
