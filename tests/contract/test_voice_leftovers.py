"""What an interrupted cloning or deletion leaves behind goes away later."""

from datetime import UTC, datetime
from pathlib import Path

from services.inference.voices.voice_data import ABANDONED_AFTER, VoiceData
from tests.fakes.artifacts import InMemoryArtifacts
from tests.voice_service import voice_service

LATER = datetime.now(UTC) + 2 * ABANDONED_AFTER


async def test_what_belongs_to_no_voice_goes_when_it_is_old() -> None:
    store = InMemoryArtifacts()
    data = VoiceData(store)
    for data_id in ("kept", "left"):
        await store.write(f"voices/ada/data/{data_id}/references/0.flac", b"sound")
    assert await data.remove_abandoned("ada", "kept", datetime.now(UTC)) == 0
    assert await data.remove_abandoned("ada", "kept", LATER) == 1
    assert list(store.objects) == ["voices/ada/data/kept/references/0.flac"]


async def test_what_a_voice_needs_stays(tmp_path: Path) -> None:
    async with voice_service(tmp_path) as service:
        await service.create()
        keys = await service.keys()
        for key in keys:
            service.store.make_older(key, 2 * ABANDONED_AFTER)
        stray = "voices/ada/data/left/references/0.flac"
        await service.store.write(stray, b"sound")
        service.store.make_older(stray, 2 * ABANDONED_AFTER)
        assert await service.voices.book.remove_leftovers() == 1
        assert await service.keys() == keys
