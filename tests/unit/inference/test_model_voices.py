"""The voices that models bring along."""

import pytest

from services.chassis.errors import InvalidInputError, NotFoundError
from services.inference.model_voices import FRESH_SECONDS, ModelVoices
from tests.fakes.fake_models import FakeModels, described


async def test_models_that_do_not_clone_have_a_voice_of_their_own() -> None:
    models = FakeModels(
        described("joe", "1"), described("joe", "2"), described("xtts", can_clone=True)
    )
    (voice,) = await ModelVoices(models).built_in()
    assert (voice.name, voice.language_code) == ("joe", "en")


async def test_models_are_looked_at_again_after_a_while() -> None:
    now = 0.0
    models = FakeModels(described("joe"))
    voices = ModelVoices(models, lambda: now)
    await voices.built_in()
    models.descriptions.append(described("ann"))
    assert len(await voices.built_in()) == 1
    now = FRESH_SECONDS
    assert len(await voices.built_in()) == 2


async def test_a_voice_is_cloned_with_a_model_that_can() -> None:
    voices = ModelVoices(FakeModels(described("joe"), described("xtts", can_clone=True)))
    await voices.check_cloning("xtts")
    with pytest.raises(InvalidInputError, match="cannot clone"):
        await voices.check_cloning("joe")
    with pytest.raises(NotFoundError):
        await voices.check_cloning("nothing")
