"""Hears what was spoken: Whisper tiny.en, as the transcription service runs it."""

import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from services.transcription.model_catalogue import ModelCatalogue
from services.transcription.recognition import (
    SAMPLE_RATE_HERTZ,
    Decoding,
    RecogniserDescription,
)
from services.transcription.whisper import WhisperRecogniser

PAD = np.zeros(SAMPLE_RATE_HERTZ // 4, dtype=np.float32)


def heard(samples: NDArray[np.float32], sample_rate_hertz: int) -> str:
    """Returns the words in English speech."""
    audio = soxr.resample(samples, sample_rate_hertz, SAMPLE_RATE_HERTZ).astype(np.float32)
    (recognition,) = _tiny().recognise([np.concatenate([PAD, audio, PAD])], "en", Decoding())
    return recognition.text


@cache
def _tiny() -> WhisperRecogniser:
    found = ModelCatalogue(Path(tempfile.gettempdir()), allow_downloads=False).find("tiny.en")
    description = RecogniserDescription("tiny.en", found.sha256, "cpu", "int8")
    return WhisperRecogniser(found.path, description, cpu_thread_count=1)
