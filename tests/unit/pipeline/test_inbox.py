"""Drops in the inbox of the store, from the file to the run."""

import asyncio
import hashlib
from datetime import timedelta

import pytest

from services.chassis.artifacts import key_of
from services.chassis.errors import InvalidInputError, NotFoundError, UnavailableError
from services.pipeline.assembly import assembled
from services.pipeline.drops import Patience
from services.pipeline.inbox import Inbox
from services.pipeline.run_model import Options, Snapshot, State, StepRef
from services.pipeline.settings import PipelineSettings
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.bus import InMemoryBus, InMemoryWorkQueue
from tests.fakes.key_value import InMemoryKeyValue
from tests.fakes.pipeline import Clock, recording_id, success


class Registrar:
    """Registers whatever is there, unless it is told to fail."""

    def __init__(self, store: InMemoryArtifacts) -> None:
        self.store = store
        self.errors: dict[str, Exception] = {}

    async def register(self, source_uri: str, display_name: str) -> str:
        key = key_of(source_uri)
        if error := self.errors.get(key):
            raise error
        content = await self.store.read(key)
        return hashlib.sha256(content).hexdigest()


class House:
    """A pipeline with an inbox over fakes."""

    def __init__(self) -> None:
        self.store = InMemoryArtifacts()
        self.clock = Clock()
        self.bucket = InMemoryKeyValue(self.clock)
        self.work_queue = InMemoryWorkQueue()
        self.registrar = Registrar(self.store)
        self.pipeline = assembled(
            PipelineSettings(store_url="file:///unused", max_recordings=3),
            bucket=self.bucket,
            bus=InMemoryBus(),
            work_queue=self.work_queue,
            clock=self.clock,
            stopping=asyncio.Event(),
        )
        self.inbox = self.another_inbox()

    def another_inbox(self) -> Inbox:
        return Inbox(
            store=self.store,
            bucket=self.bucket,
            registrar=self.registrar,
            runs=self.pipeline.runs,
            patience=Patience(5, 20),
            kept_for=timedelta(days=90),
            clock=self.clock,
        )

    async def drop(self, name: str, content: str = "video") -> None:
        await self.store.write(f"inbox/{name}", content.encode())

    async def settle(self) -> None:
        """Lets a quiet while pass."""
        await self.inbox.poll()
        self.clock.pass_seconds(20)
        await self.inbox.poll()

    async def runs(self) -> list[Snapshot]:
        return list((await self.pipeline.runs.page(100, "")).runs)[::-1]

    async def work_all_off(self) -> None:
        """Plays workers that succeed with everything."""
        for asked in self.work_queue.submitted:  # it grows meanwhile
            context = asked.context
            step = StepRef.parse(context.run_id, context.step_id, context.attempt)
            await self.pipeline.conductor.hear(success(step))


@pytest.fixture
def house() -> House:
    return House()


async def test_drops_for_one_voice_become_one_run_and_leave_the_inbox(house: House) -> None:
    await house.drop("ada/a.mp4", "a")
    await house.drop("ada/b c.mov", "b")

    await house.settle()

    (snapshot,) = await house.runs()
    assert snapshot.run.voice == "ada"
    assert [each.display_name for each in snapshot.recordings] == ["a.mp4", "b c.mov"]
    assert snapshot.run.recording_ids == (recording_id("a"), recording_id("b"))
    assert house.store.objects == {}


async def test_a_drop_adds_to_what_its_voice_has(house: House) -> None:
    await house.drop("ada/a.mp4", "a")
    await house.settle()
    await house.work_all_off()
    house.clock.pass_seconds(60)

    await house.drop("ada/b.mp4", "b")
    await house.settle()

    first, second = await house.runs()
    assert first.run.state is State.SUCCEEDED
    assert second.run.recording_ids == (recording_id("b"), recording_id("a"))


async def test_a_crash_before_the_inbox_was_cleared_starts_no_second_run(house: House) -> None:
    await house.drop("ada/a.mp4", "a")
    present = dict(house.store.objects)
    await house.settle()
    house.store.objects.update(present)

    house.inbox = house.another_inbox()
    await house.settle()

    assert len(await house.runs()) == 1
    assert house.store.objects == {}


async def test_the_same_file_dropped_again_starts_another_run(house: House) -> None:
    for _ in range(2):
        await house.drop("ada/a.mp4", "a")
        await house.settle()
        house.clock.pass_seconds(60)

    assert len(await house.runs()) == 2


async def test_two_instances_that_see_the_same_drop_start_one_run(house: House) -> None:
    await house.drop("ada/a.mp4", "a")
    await house.drop("ada/b.mp4", "b")
    several = [house.inbox, house.another_inbox()]
    await asyncio.gather(*(each.poll() for each in several))
    house.clock.pass_seconds(20)

    await asyncio.gather(*(each.poll() for each in several))

    (snapshot,) = await house.runs()
    assert len(snapshot.recordings) == 2


async def test_a_file_that_is_no_recording_stays_with_a_note_and_is_left_alone(
    house: House,
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


async def test_a_refused_file_that_is_mended_is_taken_and_its_note_goes(house: House) -> None:
    await house.drop("ada/a.mp4", "")
    house.registrar.errors["inbox/ada/a.mp4"] = InvalidInputError("The file is empty.")
    await house.settle()
    house.registrar.errors.clear()

    await house.drop("ada/a.mp4", "a")
    await house.settle()

    assert len(await house.runs()) == 1
    assert house.store.objects == {}


async def test_a_file_in_no_voices_folder_gets_a_note(house: House) -> None:
    await house.drop("a.mp4")

    await house.settle()

    assert b"inbox/<voice>/" in house.store.objects["inbox/a.mp4.refused.txt"]


async def test_a_drop_waits_for_a_media_service_that_is_away(house: House) -> None:
    await house.drop("ada/a.mp4", "a")
    house.registrar.errors["inbox/ada/a.mp4"] = UnavailableError("Nobody answers.")
    with pytest.raises(UnavailableError):
        await house.settle()

    house.registrar.errors.clear()
    await house.inbox.poll()

    assert len(await house.runs()) == 1


async def test_a_drop_that_somebody_took_meanwhile_starts_nothing(house: House) -> None:
    await house.drop("ada/a.mp4", "a")
    await house.drop("ada/b.mp4", "b")
    house.registrar.errors["inbox/ada/b.mp4"] = NotFoundError("It has gone.")

    await house.settle()

    assert await house.runs() == []


async def test_what_was_refused_is_remembered_while_it_lies_there(house: House) -> None:
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


async def test_the_voice_file_holds_the_options_and_stays(house: House) -> None:
    await house.drop("ada/voice.json", '{"language_code": "de", "min_clip_seconds": 3}')
    await house.drop("ada/a.mp4", "a")

    await house.settle()

    (snapshot,) = await house.runs()
    assert snapshot.run.options == Options(language_code="de", min_clip_seconds=3)
    assert list(house.store.objects) == ["inbox/ada/voice.json"]


@pytest.mark.parametrize("content", ["{", '{"languages": "de"}', '{"sample_rate_hertz": 8000}'])
async def test_a_voice_file_that_is_wrong_refuses_the_drop(house: House, content: str) -> None:
    await house.drop("ada/voice.json", content)
    await house.drop("ada/a.mp4", "a")

    await house.settle()

    assert await house.runs() == []
    assert "inbox/ada/a.mp4.refused.txt" in house.store.objects


async def test_a_transcript_beside_a_recording_goes_with_it(house: House) -> None:
    await house.drop("ada/talk.mp4", "a")
    await house.drop("ada/talk.srt", "1\n00:00:00,000 --> 00:00:01,000\nHello.\n")

    await house.settle()

    (snapshot,) = await house.runs()
    subtitles = await house.store.read(key_of(snapshot.recordings[0].subtitles_uri))
    assert subtitles.endswith(b"Hello.\n")
    assert not [key for key in house.store.objects if key.startswith("inbox/")]


async def test_a_voice_with_too_many_recordings_says_so(house: House) -> None:
    for name in "abcd":
        await house.drop(f"ada/{name}.mp4", name)

    await house.settle()

    assert b"at most 3 recordings" in house.store.objects["inbox/ada/a.mp4.refused.txt"]
