"""The voices that models bring along."""

import asyncio
from dataclasses import replace

import pytest

from services.chassis.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from services.inference.catalogue.description import ModelDescription
from services.inference.engines.engine import EngineKind
from services.inference.model_voices import FRESH_SECONDS, ModelVoices
from tests.fakes.fake_models import FakeModels, described

PREFERRED = described(
    "xtts_v2", can_clone=True, kind=EngineKind.XTTS, licence_uri="https://example.org/licence"
)


class Storage(FakeModels):
    """Models in a store that may be slow, or away."""

    def __init__(self, *descriptions: ModelDescription) -> None:
        super().__init__(*descriptions)
        self.is_away = False
        self.answers = asyncio.Event()
        self.answers.set()

    async def list(self) -> list[ModelDescription]:
        await self.answers.wait()
        if self.is_away:
            raise UnavailableError("The store does not answer.")
        return await super().list()


async def test_models_that_do_not_clone_have_a_voice_of_their_own() -> None:
    models = FakeModels(
        described("joe", "1"), described("joe", "2"), described("xtts", can_clone=True)
    )
    (voice,) = await ModelVoices(models, PREFERRED.name).built_in()
    assert (voice.name, voice.language_code) == ("joe", "en")


async def test_of_several_versions_the_newest_says_whose_voices_there_are() -> None:
    old = replace(described("duo", "1", can_clone=True), speakers=("Ann", "Bob"))
    new = replace(described("duo", "2", can_clone=True), speakers=("Ann", "Eve"))
    voices = await ModelVoices(FakeModels(old, new), PREFERRED.name).built_in()
    assert [voice.name for voice in voices] == ["duo.ann", "duo.eve"]


async def test_models_are_looked_at_again_after_a_while() -> None:
    now = 0.0
    models = FakeModels(described("joe"))
    voices = ModelVoices(models, PREFERRED.name, lambda: now)
    await voices.built_in()
    models.descriptions.append(described("ann"))
    assert len(await voices.built_in()) == 1
    now = FRESH_SECONDS
    assert len(await voices.built_in()) == 2


async def test_while_the_store_is_away_the_voices_are_those_that_were_there() -> None:
    now = 0.0
    models = Storage(described("joe"))
    voices = ModelVoices(models, PREFERRED.name, lambda: now)
    models.is_away = True
    with pytest.raises(UnavailableError):  # nothing is known yet
        await voices.built_in()
    models.is_away = False
    known = await voices.built_in()
    models.is_away = True
    now = FRESH_SECONDS
    assert await voices.built_in() == known
    models.is_away, now = False, 2 * FRESH_SECONDS
    models.descriptions.append(described("ann"))
    assert len(await voices.built_in()) == 2


async def test_nobody_waits_for_another_look_at_the_models_but_who_looks() -> None:
    now = 0.0
    models = Storage(described("joe"))
    voices = ModelVoices(models, PREFERRED.name, lambda: now)
    known = await voices.built_in()
    now = FRESH_SECONDS
    models.answers.clear()
    looking = asyncio.create_task(voices.built_in())
    await asyncio.sleep(0)
    assert await asyncio.wait_for(voices.built_in(), timeout=20) == known
    assert not looking.done()
    models.answers.set()
    assert await looking == known


async def test_a_voice_is_cloned_with_a_model_that_can() -> None:
    voices = model_voices(described("joe"), described("xtts", can_clone=True))
    assert await voices.cloning_model("xtts") == "xtts"
    with pytest.raises(InvalidInputError, match="cannot clone"):
        await voices.cloning_model("joe")
    with pytest.raises(NotFoundError):
        await voices.cloning_model("nothing")


async def test_no_licence_is_assumed_to_be_accepted() -> None:
    models = FakeModels(PREFERRED)
    voices = ModelVoices(models, PREFERRED.name)
    for asked in ("", PREFERRED.name):
        with pytest.raises(ConflictError) as refused:
            await voices.cloning_model(asked)
        assert refused.value.reason == "LICENCE_NOT_ACCEPTED"
    await models.accept_licence(PREFERRED.name)
    assert await voices.cloning_model("") == PREFERRED.name


async def test_a_model_at_hand_clones_while_the_licence_of_the_preferred_one_is_not_accepted() -> (
    None
):
    tortoise = described("a-slow-one", can_clone=True, kind=EngineKind.TORTOISE)
    own = described("own", can_clone=True, kind=EngineKind.XTTS)
    models = FakeModels(described("joe"), PREFERRED, tortoise, own)
    voices = ModelVoices(models, PREFERRED.name)
    assert await voices.cloning_model("") == "own"
    await models.accept_licence(PREFERRED.name)
    assert await voices.cloning_model("") == PREFERRED.name


def model_voices(*descriptions: ModelDescription) -> ModelVoices:
    """Returns the voices of these models."""
    return ModelVoices(FakeModels(*descriptions), PREFERRED.name)
