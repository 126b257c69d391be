"""The reference: a clip of the voice that is wanted."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.audio_qc.inference import Models
from services.audio_qc.measures.survey import survey
from services.audio_qc.pace import Pace
from services.audio_qc.sound.listening import listen
from services.audio_qc.sound.rendering import render
from services.speech.regions import SAMPLE_RATE_HERTZ

MIN_SECONDS = 1.5
MAX_SECONDS = 30.0
"""More does not tell more about a voice."""


class NoSpeechInReferenceError(Exception):
    """The reference holds too little speech to know its voice."""


def reference_voice(path: Path, models: Models, folder: Path, pace: Pace) -> NDArray[np.float32]:
    """Returns the embedding of the speech in a reference clip; raises NoSpeechInReferenceError."""
    surveyed = survey(path, pace)
    rendered = render(path, surveyed.downmix, SAMPLE_RATE_HERTZ, folder, pace)
    heard = listen(rendered.speech_band, models.vad, pace)
    if heard.speech_seconds < MIN_SECONDS:
        raise NoSpeechInReferenceError(
            f"The reference holds {heard.speech_seconds:.1f} s of speech; "
            f"{MIN_SECONDS:g} s are needed: choose another clip of the voice."
        )
    wanted, spoken = round(MAX_SECONDS * SAMPLE_RATE_HERTZ), np.zeros(0, np.float32)
    for region in heard.regions:
        end = min(region.end, region.start + wanted - len(spoken))
        spoken = np.concatenate([spoken, rendered.speech_band.read(region.start, end)])
    return models.embedder.embed(spoken)
