"""What the voices that models bring along are called."""

from dataclasses import replace

import pytest

from services.inference.built_in_voices import built_in_voices
from services.inference.catalogue.description import ModelDescription
from services.inference.voices.voice import VOICE_ID, Origin
from tests.fakes.fake_models import described


def model(name: str, *speakers: str, can_clone: bool = False) -> ModelDescription:
    return replace(described(name, can_clone=can_clone), speakers=speakers)


def ids(*models: ModelDescription) -> list[str]:
    return [voice.name for voice in built_in_voices(models)]


def test_a_model_that_only_clones_brings_no_voice() -> None:
    assert ids(model("xtts", can_clone=True)) == []


def test_an_only_voice_is_called_as_its_model_is_and_shown_as_its_speaker() -> None:
    nameless, named = built_in_voices([model("joe"), model("ljs", "Linda", can_clone=True)])
    assert nameless.as_voice().display_name == "joe"
    assert (nameless.name, nameless.speaker) == ("joe", "")
    assert named.as_voice().display_name == "Linda"
    assert (named.name, named.speaker) == ("ljs", "Linda")


def test_one_of_several_is_called_as_the_model_and_the_speaker() -> None:
    first, second = built_in_voices([model("xtts_v2", "Ana Florence", "Bo", can_clone=True)])
    voice = first.as_voice()
    assert voice.voice_id == "xtts_v2.ana-florence"
    assert (voice.model, voice.speaker) == ("xtts_v2", "Ana Florence")
    assert (voice.display_name, voice.origin) == ("Ana Florence", Origin.BUILT_IN)
    assert second.name == "xtts_v2.bo"


@pytest.mark.parametrize(
    ("speaker", "slug"),
    [
        ("Camilla Holmström", "camilla-holmstrom"),
        ("Eugenio Mataracı", "eugenio-mataraci"),  # noqa: RUF001 - a Turkish name
        ("VCTK_p225", "vctk_p225"),
        ("ED\n", "ed"),
        ("Аня", "anya"),
        ("--", "speaker"),
    ],
)
def test_an_id_is_made_of_what_every_keyboard_has(speaker: str, slug: str) -> None:
    assert ids(model("m", speaker, "other")) == [f"m.{slug}", "m.other"]


def test_of_two_with_one_id_the_second_is_numbered_also_against_models() -> None:
    twins = model("m", "Ann", "ann", "ANN", "ann-2")
    assert ids(twins, model("m.ann")) == ["m.ann-2", "m.ann-3", "m.ann-4", "m.ann-2-2", "m.ann"]


def test_every_id_is_one_that_may_be_asked_for() -> None:
    long_name = model("m" * 62, "Ann", "Bob", "Zoë")
    many = model("many", *(f"{number} " + "x" * 100 for number in range(30)), *"😀😁…·")
    found = ids(long_name, many)
    assert len(found) == len(set(found)) == 37
    assert all(VOICE_ID.fullmatch(voice_id) for voice_id in found)


def test_thousands_of_speakers_of_one_slug_are_named_at_once() -> None:
    marks = [f"{'!' * (number + 1)}" for number in range(5_000)]
    assert ids(model("m", *marks))[-1] == "m.speaker-5000"


def test_what_cannot_be_seen_is_not_shown() -> None:
    voices = built_in_voices([model("m", " Ann \n\t Lee\u202e\x1b[31m", "Bob")])
    assert voices[0].display_name == "Ann Lee[31m"


def test_who_speaks_many_languages_speaks_english_until_told_otherwise() -> None:
    languages = {"ar", "en", "zh-CN"}, {"fr", "de"}, set[str]()
    models = [replace(model("m"), language_codes=frozenset(codes)) for codes in languages]
    assert [voice.language_code for voice in built_in_voices(models)] == ["en", "de", ""]
