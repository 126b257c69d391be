"""The models that listen to clips: loaded when first needed, once, and shared."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from services.chassis.errors import ConflictError
from services.inference.voices.clip import SpeechDetector
from services.inference.voices.speaker_check import Embedder
from services.speech.models import ModelMissingError


class Ears(Protocol):
    """What finds speech and tells voices apart; both may be called from any thread."""

    def detector(self) -> SpeechDetector:
        """Returns what finds speech."""

    def embedder(self) -> Embedder:
        """Returns what tells voices apart."""


class InstalledEars:
    """Ears of the installed packages; raises ConflictError when one is absent."""

    def __init__(self) -> None:
        """Loads nothing yet."""
        self._lock = threading.Lock()
        self._detector: SpeechDetector | None = None
        self._embedder: Embedder | None = None

    def detector(self) -> SpeechDetector:
        """See Ears."""
        with self._lock, _explained():
            if self._detector is None:
                from services.speech.vad import SileroVad

                self._detector = SileroVad()
            return self._detector

    def embedder(self) -> Embedder:
        """See Ears."""
        with self._lock, _explained():
            if self._embedder is None:
                from services.speech.embedding import SpeakerEmbedder

                self._embedder = SpeakerEmbedder()
            return self._embedder


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except ModelMissingError as error:
        raise ConflictError(str(error), reason="MODEL_MISSING") from error
