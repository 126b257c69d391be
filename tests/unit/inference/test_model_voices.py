"""The voices that models bring along."""

from dataclasses import replace

import pytest

from services.chassis.errors import ConflictError, InvalidInputError, NotFoundError
from services.inference.catalogue.description import ModelDescription
from services.inference.engines.engine import EngineKind
from services.inference.model_voices import FRESH_SECONDS, ModelVoices
from tests.fakes.fake_models import FakeModels, described

PREFERRED = described(
    "xtts_v2", can_clone=True, kind=EngineKind.XTTS, licence_uri="https://example.org/licence"
)


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
