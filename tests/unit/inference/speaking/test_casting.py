"""From a request's wishes to a voice and a language."""

import pytest

from services.chassis.errors import InvalidInputError
from services.inference.pool.admission import Admission, Patience
from services.inference.pool.loaded_model import LoadedModel
from services.inference.speaking.casting import conditioning_of, language_spoken, voice_wanted
from services.inference.speaking.options import SpeechOptions
from services.inference.voices.voice import BuiltInVoice, Origin, Voice
from tests.fakes.fake_engine import FakeConditioning, FakeEngine
from tests.fakes.fake_models import described
from tests.inference_service import FakeVoices

XTTS = frozenset({"en", "pt", "zh-CN", "ja"})


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("en", "en"),
        ("en-US", "en"),
        ("EN_us", "en"),
        ("pt-BR", "pt"),
        ("zh", "zh-CN"),
        ("zh-cn", "zh-CN"),
        ("zh-TW", "zh-CN"),
    ],
)
def test_a_language_is_found_under_its_other_names(asked: str, spoken: str) -> None:
    assert language_spoken(asked, XTTS, "xtts") == spoken


def test_a_model_of_one_language_need_not_be_told() -> None:
    assert language_spoken("", {"en"}, "joe") == "en"


def test_an_exact_match_goes_before_a_near_one() -> None:
    assert language_spoken("pt-BR", {"pt", "pt-BR"}, "x") == "pt-BR"
    assert language_spoken("pt-PT", {"pt", "pt-BR"}, "x") == "pt"


@pytest.mark.parametrize("asked", ["sw", "", "english"])
def test_a_language_that_is_not_spoken_is_refused_with_those_that_are(asked: str) -> None:
    with pytest.raises(InvalidInputError, match="en, ja, pt, zh-CN") as refused:
        language_spoken(asked, XTTS, "xtts")
    assert refused.value.reason == "UNSUPPORTED_LANGUAGE"
    assert refused.value.field == "options.language_code"


async def test_a_model_alone_means_its_first_own_voice() -> None:
    voices = FakeVoices(voice("duo.bob", "duo", speaker="Bob"), voice("duo.al", "duo", "Al"))
    assert await voice_wanted(SpeechOptions(), "joe", voices) == "joe"
    assert await voice_wanted(SpeechOptions(model="duo"), "joe", voices) == "duo.bob"
    assert await voice_wanted(SpeechOptions(model="xtts"), "joe", voices) == "xtts"
    assert await voice_wanted(SpeechOptions(voice_id="me", model="duo"), "joe", voices) == "me"


@pytest.mark.parametrize("can_clone", [True, False])
async def test_a_models_own_voice_is_taken_from_the_model_and_no_other_is(
    *, can_clone: bool
) -> None:
    model = loaded(can_clone=can_clone)
    own = await conditioning_of(voice("duo.bob", "duo", speaker="Bob"), model, FakeVoices())
    assert own == FakeConditioning(b"Bob")
    assert await conditioning_of(voice("joe", "joe"), model, FakeVoices()) is None
    cloned = Voice("ann", "Ann", "en", "duo", Origin.CLONED)
    assert await conditioning_of(cloned, model, FakeVoices()) == FakeConditioning(b"ann")


def voice(voice_id: str, model: str, speaker: str = "") -> Voice:
    return BuiltInVoice(voice_id, "en", model=model, speaker=speaker).as_voice()


def loaded(*, can_clone: bool) -> LoadedModel:
    engine = FakeEngine(can_clone=can_clone)
    admission = Admission(engine.kind, engine.slot_count, Patience(), lambda: 0.0)
    return LoadedModel(described("duo", can_clone=can_clone), engine, admission, last_used=0.0)
