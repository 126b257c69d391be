"""A voice as a model sees it is made once, kept, and gone with the voice."""

import asyncio
from pathlib import Path
from weakref import ref

import pytest

from services.chassis.errors import NotFoundError
from services.inference.voices.voice_data import conditioning_key
from tests.eventually import eventually
from tests.fakes.voices import ConditioningEngine, FakeConditioning
from tests.voice_service import VoiceService, talk, voice_service, wav


async def made(
    service: VoiceService, engine: ConditioningEngine, version: str = "1", voice_id: str = "ada"
) -> FakeConditioning:
    voice = await service.voices.speakable(voice_id)
    found = await service.voices.conditioning(voice, engine.as_engine, "xtts/v2", version)
    assert isinstance(found, FakeConditioning)
    return found


async def test_it_is_made_of_the_references_once_per_model_version(tmp_path: Path) -> None:
    engine = ConditioningEngine()
    async with voice_service(tmp_path) as service:
        await service.create()
        both = await asyncio.gather(made(service, engine), made(service, engine))
        assert both[0] == both[1]
        assert both[0].seconds == pytest.approx(8.8, abs=0.2)
        assert len(engine.conditioned) == 1
        assert engine.conditioned[0][0].sample_rate_hertz == 24_000
        await made(service, engine, "2")
        assert len(engine.conditioned) == 2


async def test_another_process_finds_it_in_the_store(tmp_path: Path) -> None:
    engine = ConditioningEngine()
    async with voice_service(tmp_path) as first:
        await first.create()
        expected = await made(first, engine)
        async with voice_service(tmp_path, first.store) as second:
            assert await made(second, engine) == expected
        assert len(engine.conditioned) == 1


async def test_one_that_cannot_be_read_is_made_again(tmp_path: Path) -> None:
    engine = ConditioningEngine()
    async with voice_service(tmp_path) as service:
        await service.create()
        voice = await service.voices.speakable("ada")
        await service.store.write(conditioning_key(voice, "xtts/v2", "1"), b"damaged")
        await made(service, engine)
        assert len(engine.conditioned) == 1


async def test_a_replaced_voice_is_not_taken_for_the_one_before(tmp_path: Path) -> None:
    engine = ConditioningEngine()
    async with voice_service(tmp_path) as service:
        await service.create()
        before = await made(service, engine)
        await service.create(wav(talk(500, 500, 500)), replace=True)
        assert (await made(service, engine)).seconds > before.seconds + 3


async def test_a_voice_that_is_deleted_meanwhile_leaves_nothing(tmp_path: Path) -> None:
    async with voice_service(tmp_path) as service:
        await service.create()
        voice = await service.voices.speakable("ada")

        class Slow(ConditioningEngine):
            async def condition(self, references: object) -> FakeConditioning:
                del references
                await service.delete()
                return FakeConditioning(1.0)

        with pytest.raises(NotFoundError):
            await service.voices.conditioning(voice, Slow().as_engine, "xtts/v2", "1")
        assert await service.keys() == []


async def test_a_voice_that_is_deleted_leaves_no_memory_of_it_either(tmp_path: Path) -> None:
    async with voice_service(tmp_path) as service:
        await service.create()
        seen = ref(await made(service, ConditioningEngine()))
        assert seen()

        await service.delete()

        assert seen() is None


async def test_a_voice_that_another_process_deletes_is_forgotten_in_time(tmp_path: Path) -> None:
    async with voice_service(tmp_path) as service:
        await service.create()
        await service.create(voice_id="bob")
        seen = ref(await made(service, ConditioningEngine()))
        kept = ref(await made(service, ConditioningEngine(), voice_id="bob"))
        async with voice_service(tmp_path, service.store) as other:
            await other.delete()

        async with service.voices.looked_after(None, consents_seconds=0.01):
            await eventually(lambda: seen() is None)
        assert kept()
