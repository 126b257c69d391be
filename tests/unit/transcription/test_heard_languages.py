from collections.abc import Mapping

import numpy as np

from services.transcription.heard_languages import HeardLanguages
from services.transcription.recognition import Samples


class Ear:
    """Hears the language a clip's only sample stands for."""

    def __init__(self, *probabilities: Mapping[str, float]) -> None:
        self.probabilities = probabilities
        self.asked: list[int] = []

    async def languages(self, clip: Samples) -> Mapping[str, float]:
        number = int(clip[0])
        self.asked.append(number)
        return self.probabilities[number]


def clip(number: int) -> Samples:
    return np.array([number], np.float32)


def hearing(*probabilities: Mapping[str, float]) -> tuple[HeardLanguages, Ear]:
    ear = Ear(*probabilities)
    return HeardLanguages(ear.languages, "en", 0.5), ear


async def test_a_clip_that_does_not_tell_is_in_the_language_of_its_recording() -> None:
    heard, _ = hearing({"es": 0.9, "en": 0.1}, {"es": 0.4, "en": 0.35, "pt": 0.25})
    await heard.listen("0", clip(0))
    assert await heard.of_clip("1", clip(1)) == ("es", 0.9)


async def test_a_clip_that_tells_keeps_its_own_language() -> None:
    heard, _ = hearing({"es": 0.9}, {"en": 0.8, "es": 0.2})
    await heard.listen("0", clip(0))
    assert await heard.of_clip("1", clip(1)) == ("en", 0.8)


async def test_nobody_asks_about_clips_of_a_recording_that_does_not_sound_foreign() -> None:
    heard, ear = hearing({"en": 0.9}, {"es": 0.9})
    await heard.listen("0", clip(0))
    assert await heard.of_clip("1", clip(1)) == ("", 0.0)
    assert await heard.of_clip("0", clip(0)) == ("en", 0.9)
    assert ear.asked == [0]


async def test_without_a_model_that_tells_languages_nothing_is_said() -> None:
    heard, _ = hearing({}, {})
    await heard.listen("0", clip(0))
    assert await heard.of_clip("0", clip(0)) == ("", 0.0)
    assert not heard.sounds_foreign
