"""Drops in the inbox of the store, from the file to the run."""

import asyncio

import pytest

from services.chassis.artifacts import key_of
from services.chassis.errors import (
    InvalidInputError,
    NotFoundError,
    OverloadedError,
    UnavailableError,
)
from services.pipeline.drops.inbox import MAX_SUBTITLE_BYTES
from services.pipeline.run_model import Options, State
from tests.fakes.inbox_over_fakes import InboxOverFakes
from tests.fakes.pipeline import recording_id


@pytest.fixture
def house() -> InboxOverFakes:
    return InboxOverFakes()


async def test_drops_for_one_voice_become_one_run_and_leave_the_inbox(
    house: InboxOverFakes,
) -> None:
    await house.drop("ada/a.mp4", "a")
    await house.drop("ada/b c.mov", "b")

    await house.settle()

    (snapshot,) = await house.runs()
    assert snapshot.run.voice == "ada"
    assert [each.display_name for each in snapshot.recordings] == ["a.mp4", "b c.mov"]
    assert snapshot.run.recording_ids == (recording_id("a"), recording_id("b"))
    assert house.store.objects == {}


async def test_a_drop_adds_to_what_its_voice_has(house: InboxOverFakes) -> None:
    await house.drop("ada/a.mp4", "a")
    await house.settle()
    await house.work_all_off()
    house.clock.pass_seconds(60)

    await house.drop("ada/b.mp4", "b")
    await house.settle()

    first, second = await house.runs()
    assert first.run.state is State.SUCCEEDED
    assert second.run.recording_ids == (recording_id("b"), recording_id("a"))


async def test_a_drop_adds_to_what_is_still_under_way(house: InboxOverFakes) -> None:
    for name in "abc":
        await house.drop(f"ada/{name}.mp4", name)
        await house.settle()
        house.clock.pass_seconds(60)
    await house.work_all_off()

    newest = (await house.runs())[-1]
    assert newest.run.state is State.SUCCEEDED
    assert set(newest.run.recording_ids) == {recording_id(name) for name in "abc"}


async def test_a_drop_does_not_add_to_what_failed_or_was_cancelled(house: InboxOverFakes) -> None:
    await house.drop("ada/a.mp4", "a")
    await house.settle()
    await house.pipeline.runs.cancel((await house.runs())[0].run.run_id)
    house.clock.pass_seconds(60)

    await house.drop("ada/b.mp4", "b")
    await house.settle()

    newest = (await house.runs())[-1]
    assert newest.run.recording_ids == (recording_id("b"),)


async def test_a_drop_adds_nothing_of_another_voice(house: InboxOverFakes) -> None:
    await house.drop("ada/a.mp4", "a")
    await house.settle()
    house.clock.pass_seconds(60)

    await house.drop("bob/b.mp4", "b")
    await house.settle()

    newest = (await house.runs())[-1]
    assert newest.run.recording_ids == (recording_id("b"),)


async def test_a_crash_before_the_inbox_was_cleared_starts_no_second_run(
    house: InboxOverFakes,
) -> None:
    await house.drop("ada/a.mp4", "a")
    present = dict(house.store.objects)
    await house.settle()
    house.store.objects.update(present)

    house.inbox = house.another_inbox()
    await house.settle()

    assert len(await house.runs()) == 1
    assert house.store.objects == {}


async def test_the_same_file_dropped_again_starts_another_run(house: InboxOverFakes) -> None:
    for _ in range(2):
        await house.drop("ada/a.mp4", "a")
        await house.settle()
        house.clock.pass_seconds(60)

    assert len(await house.runs()) == 2


@pytest.mark.parametrize("name", ["ada/a.mp4", "ada/a.srt"])
async def test_what_is_dropped_anew_while_its_forerunner_is_taken_is_not_lost(
    house: InboxOverFakes, name: str
) -> None:
    await house.drop("ada/a.mp4", "first")
    await house.drop("ada/a.srt", "1\n00:00:00,000 --> 00:00:01,000\nHello.\n")
    house.registrar.meanwhile = lambda: house.drop(name, "second")

    await house.settle()

    assert len(await house.runs()) == 1
    assert [it for it in house.store.objects.items() if it[0].startswith("inbox/")] == [
        (f"inbox/{name}", b"second")
    ]


async def test_two_instances_that_see_the_same_drop_start_one_run(house: InboxOverFakes) -> None:
    await house.drop("ada/a.mp4", "a")
    await house.drop("ada/b.mp4", "b")
    several = [house.inbox, house.another_inbox()]
    await asyncio.gather(*(each.poll() for each in several))
    house.clock.pass_seconds(20)

    await asyncio.gather(*(each.poll() for each in several))

    (snapshot,) = await house.runs()
    assert len(snapshot.recordings) == 2


async def test_a_file_that_is_no_recording_stays_with_a_note_and_is_left_alone(
    house: InboxOverFakes,
) -> None:
    await house.drop("ada/empty.mp4", "")
    await house.drop("ada/good.mp4", "good")
    empty = InvalidInputError("The file is empty: drop it again.", reason="EMPTY_FILE")
    house.registrar.errors["inbox/ada/empty.mp4"] = empty

    await house.settle()
    del house.registrar.errors["inbox/ada/empty.mp4"]
    house.clock.pass_seconds(60)
    await house.settle()

    (snapshot,) = await house.runs()
    assert snapshot.run.recording_ids == (recording_id("good"),)
    assert house.store.objects == {
        "inbox/ada/empty.mp4": b"",
        "inbox/ada/empty.mp4.refused.txt": b"The file is empty: drop it again.\n",
    }


async def test_a_refused_file_that_is_mended_is_taken_and_its_note_goes(
    house: InboxOverFakes,
) -> None:
    await house.drop("ada/a.mp4", "")
    house.registrar.errors["inbox/ada/a.mp4"] = InvalidInputError("The file is empty.")
    await house.settle()
    house.registrar.errors.clear()

    await house.drop("ada/a.mp4", "a")
    await house.settle()

    assert len(await house.runs()) == 1
    assert house.store.objects == {}


async def test_a_file_in_no_voices_folder_gets_a_note(house: InboxOverFakes) -> None:
    await house.drop("a.mp4")

    await house.settle()

    assert b"inbox/<voice>/" in house.store.objects["inbox/a.mp4.refused.txt"]


async def test_a_drop_waits_for_a_media_service_that_is_away(house: InboxOverFakes) -> None:
    await house.drop("ada/a.mp4", "a")
    house.registrar.errors["inbox/ada/a.mp4"] = UnavailableError("Nobody answers.")
    await house.settle()
    assert await house.runs() == []

    house.registrar.errors.clear()
    await house.inbox.poll()

    assert len(await house.runs()) == 1


async def test_a_drop_that_has_to_wait_keeps_nobody_else_waiting(house: InboxOverFakes) -> None:
    await house.drop("ada/film.mp4", "film")
    await house.drop("bob/talk.mp4", "talk")
    full = OverloadedError("The scratch folder is full.", reason="SCRATCH_FULL")
    house.registrar.errors["inbox/ada/film.mp4"] = full

    await house.settle()

    assert [snapshot.run.voice for snapshot in await house.runs()] == ["bob"]
    assert list(house.store.objects) == ["inbox/ada/film.mp4"]


async def test_a_drop_that_somebody_took_meanwhile_starts_nothing(house: InboxOverFakes) -> None:
    await house.drop("ada/a.mp4", "a")
    await house.drop("ada/b.mp4", "b")
    house.registrar.errors["inbox/ada/b.mp4"] = NotFoundError("It has gone.")

    await house.settle()

    assert await house.runs() == []


async def test_what_was_refused_is_remembered_while_it_lies_there(house: InboxOverFakes) -> None:
    await house.drop("ada/a.txt", "a")
    house.registrar.errors["inbox/ada/a.txt"] = InvalidInputError("It is no recording.")
    await house.settle()
    house.registrar.errors.clear()
    for _ in range(30):
        house.clock.pass_seconds(10 * 24 * 3600)
        await house.inbox.poll()
    assert await house.runs() == []

    await house.store.delete("inbox/ada/a.txt")
    for _ in range(12):
        house.clock.pass_seconds(10 * 24 * 3600)
        await house.inbox.poll()
    assert house.bucket.entries == {}


async def test_the_voice_file_holds_the_options_and_stays(house: InboxOverFakes) -> None:
    await house.drop("ada/voice.json", '{"language_code": "de", "min_clip_seconds": 3}')
    await house.drop("ada/a.mp4", "a")

    await house.settle()

    (snapshot,) = await house.runs()
    assert snapshot.run.options == Options(language_code="de", min_clip_seconds=3)
    assert list(house.store.objects) == ["inbox/ada/voice.json"]


@pytest.mark.parametrize("content", ["{", '{"languages": "de"}', '{"sample_rate_hertz": 8000}'])
async def test_a_voice_file_that_is_wrong_refuses_the_drop(
    house: InboxOverFakes, content: str
) -> None:
    await house.drop("ada/voice.json", content)
    await house.drop("ada/a.mp4", "a")

    await house.settle()

    assert await house.runs() == []
    assert "inbox/ada/a.mp4.refused.txt" in house.store.objects


async def test_a_transcript_beside_a_recording_goes_with_it(house: InboxOverFakes) -> None:
    await house.drop("ada/talk.mp4", "a")
    await house.drop("ada/talk.srt", "1\n00:00:00,000 --> 00:00:01,000\nHello.\n")

    await house.settle()

    (snapshot,) = await house.runs()
    subtitles = await house.store.read(key_of(snapshot.recordings[0].subtitles_uri))
    assert subtitles.endswith(b"Hello.\n")
    assert not [key for key in house.store.objects if key.startswith("inbox/")]


async def test_a_voice_with_too_many_recordings_says_so(house: InboxOverFakes) -> None:
    for name in "abcd":
        await house.drop(f"ada/{name}.mp4", name)

    await house.settle()

    assert b"at most 3 recordings" in house.store.objects["inbox/ada/a.mp4.refused.txt"]


async def test_a_transcript_of_absurd_size_refuses_its_recording_unread(
    house: InboxOverFakes,
) -> None:
    await house.drop("ada/talk.mp4", "a")
    await house.drop("ada/talk.srt", "." * (MAX_SUBTITLE_BYTES + 1))

    await house.settle()

    assert await house.runs() == []
    assert b"talk.srt" in house.store.objects["inbox/ada/talk.mp4.refused.txt"]
