"""What the store in a directory does when things go wrong."""

import os
import time
from pathlib import Path

import pytest

from services.chassis.errors import InvalidInputError
from services.chassis.storage.local_artifacts import PARTIAL_FOLDER, LocalArtifacts


async def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    store = LocalArtifacts(tmp_path)
    with pytest.raises(FileNotFoundError):
        await store.put("a", tmp_path / "no-such-file")
    assert await store.stat("a") is None
    assert list((tmp_path / PARTIAL_FOLDER).iterdir()) == []


async def test_the_folder_of_unfinished_writes_cannot_be_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="reserved"):
        await LocalArtifacts(tmp_path).write(f"{PARTIAL_FOLDER}/a", b"x")


async def test_an_object_cannot_lie_inside_another(tmp_path: Path) -> None:
    store = LocalArtifacts(tmp_path)
    await store.write("a/b", b"x")
    with pytest.raises(InvalidInputError, match="inside"):
        await store.write("a/b/c", b"x")
    with pytest.raises(InvalidInputError, match="inside"):
        await store.write("a", b"x")
    with pytest.raises(InvalidInputError, match="inside"):
        await store.create("a", b"x")


async def test_files_that_people_put_there_are_listed_if_they_can_be_named(
    tmp_path: Path,
) -> None:
    inbox = tmp_path / "inbox" / "anna"
    inbox.mkdir(parents=True)
    (inbox / "film.mp4").write_bytes(b"x")
    Path(os.fsdecode(os.fsencode(inbox) + b"/not-utf8-\xff.mp4")).write_bytes(b"x")
    store = LocalArtifacts(tmp_path)
    assert [each.key async for each in store.list("inbox/")] == ["inbox/anna/film.mp4"]


async def test_what_a_killed_process_left_half_written_is_removed_after_a_day(
    tmp_path: Path,
) -> None:
    old, fresh = tmp_path / ".partial" / "old", tmp_path / ".partial" / "fresh"
    old.parent.mkdir()
    for path in (old, fresh):
        path.write_bytes(b"half")
    two_days_ago = time.time() - 2 * 86_400
    os.utime(old, (two_days_ago, two_days_ago))

    await LocalArtifacts(tmp_path).write("a", b"whole")

    assert list(old.parent.iterdir()) == [fresh]


async def test_links_that_lead_nowhere_hide_no_other_object(tmp_path: Path) -> None:
    store = LocalArtifacts(tmp_path)
    await store.write("inbox/ada/a.mp4", b"video")
    (tmp_path / "inbox" / "ada" / "loop.mp4").symlink_to("loop.mp4")
    (tmp_path / "inbox" / "ada" / "nowhere.mp4").symlink_to("nothing.mp4")

    assert [found.key async for found in store.list("inbox/")] == ["inbox/ada/a.mp4"]
    assert await store.stat("inbox/ada/loop.mp4") is None
