"""The history of a voice: of many who change it at once, each succeeds in turn or is told."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.chassis.artifacts import ArtifactStore
from services.chassis.errors import AlreadyExistsError
from services.chassis.storage.local_artifacts import LocalArtifacts
from services.inference.voices.voice import Origin, Reference, State, Voice, from_json, to_json
from services.inference.voices.voice_records import Record, VoiceRecords
from tests.fakes.artifacts import InMemoryArtifacts

VOICE = Voice(
    "ada",
    "Ada",
    "en-GB",
    "xtts",
    Origin.CLONED,
    State.WITHDRAWN,
    consent_id="one",
    references=(Reference("a.wav", "artifact://a", 7.5, 6.0, 30.0, -20.0, 0.0, ("Noise.",)),),
    create_time=datetime(2026, 1, 1, tzinfo=UTC),
    data_id="1234",
)


@pytest.fixture(params=["memory", "files"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactStore:
    return InMemoryArtifacts() if request.param == "memory" else LocalArtifacts(tmp_path)


def created(record: Record) -> Voice:
    if record.voice:
        raise AlreadyExistsError("It is there.")
    return VOICE


def renamed(record: Record) -> Voice:
    assert record.voice
    return replace(record.voice, display_name=record.voice.display_name + "!")


def test_a_voice_is_read_as_it_was_written() -> None:
    assert from_json({**to_json(VOICE), "added_later": 1}) == VOICE


async def test_of_many_creations_one_succeeds(store: ArtifactStore) -> None:
    tried = await asyncio.gather(
        *(VoiceRecords(store).put("ada", created) for _ in range(8)), return_exceptions=True
    )
    assert sum(isinstance(each, AlreadyExistsError) for each in tried) == 7
    assert (await VoiceRecords(store).newest("ada")).voice == VOICE


async def test_no_change_is_lost(store: ArtifactStore) -> None:
    await VoiceRecords(store).put("ada", created)
    await asyncio.gather(*(VoiceRecords(store).put("ada", renamed) for _ in range(8)))
    newest = (await VoiceRecords(store).newest("ada")).voice
    assert newest is not None
    assert newest.display_name == "Ada" + 8 * "!"


async def test_another_process_sees_a_change_at_once(store: ArtifactStore) -> None:
    one, other = VoiceRecords(store), VoiceRecords(store)
    await one.put("ada", created)
    assert (await other.newest("ada")).voice == VOICE
    await one.delete("ada", renamed)
    assert (await other.newest("ada")).voice is None
    await one.put("ada", created)
    assert (await other.newest("ada")).voice == VOICE


async def test_a_voice_whose_name_begins_like_another_one_is_listed_too(
    store: ArtifactStore,
) -> None:
    for voice_id in ("ada.2", "ada", "ada-2"):
        await VoiceRecords(store).put(voice_id, created)
    assert await VoiceRecords(store).voice_ids() == ["ada", "ada-2", "ada.2"]


@pytest.mark.parametrize("voice_id", ["", "..", "a/b", "a\0"])
async def test_what_cannot_be_a_name_is_no_voice(store: ArtifactStore, voice_id: str) -> None:
    assert (await VoiceRecords(store).newest(voice_id)).voice is None
