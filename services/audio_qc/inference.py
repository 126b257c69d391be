"""The models that listen: loaded when first needed, once, and shared by all steps."""

import threading
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from services.audio_qc.measures.dnsmos import Dnsmos, dnsmos_file
from services.audio_qc.sound.noise_reduction import deep_filter_file
from services.audio_qc.sound.sound_events import EventTagger, events_file
from services.audio_qc.voices.segmentation import Segmenter, segmentation_file
from services.speech.embedding import SpeakerEmbedder, embedding_file
from services.speech.models import model_sha256
from services.speech.vad import SileroVad, silero_file

FILES = {
    "silero-vad": silero_file,
    "dnsmos-p835": dnsmos_file,
    "pyannote-segmentation-3.0": segmentation_file,
    "campplus": embedding_file,
    "fireredvad-aed": events_file,
}
ALL_MODELS = tuple(FILES)
FILES_ON_DEMAND = {"deepfilternet-3": deep_filter_file}

T = TypeVar("T")


class Lazy(Generic[T]):
    """A value that is made when it is first asked for, once, whatever thread asks."""

    def __init__(self, make: Callable[[], T]) -> None:
        """Remembers how to make it."""
        self._make = make
        self._made: list[T] = []
        self._lock = threading.Lock()

    def __call__(self) -> T:
        """Returns the value."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]


class Models:
    """One of each model; asking for one raises ModelMissingError when it is not installed."""

    def __init__(self, *, thread_count: int = 1) -> None:
        """Loads nothing yet."""
        self._vad = Lazy(lambda: SileroVad(thread_count=thread_count))
        self._dnsmos = Lazy(lambda: Dnsmos(thread_count=thread_count))
        self._segmenter = Lazy(lambda: Segmenter(thread_count=thread_count))
        self._embedder = Lazy(lambda: SpeakerEmbedder(thread_count=thread_count))
        self._events = Lazy(EventTagger)

    @property
    def vad(self) -> SileroVad:
        """Finds speech."""
        return self._vad()

    @property
    def dnsmos(self) -> Dnsmos:
        """Rates quality."""
        return self._dnsmos()

    @property
    def segmenter(self) -> Segmenter:
        """Finds changes of speaker and overlap."""
        return self._segmenter()

    @property
    def embedder(self) -> SpeakerEmbedder:
        """Tells voices apart."""
        return self._embedder()

    @property
    def events(self) -> EventTagger:
        """Finds music."""
        return self._events()

    def identities(self, names: Iterable[str] = ALL_MODELS) -> dict[str, str]:
        """Returns the sha256 and compute type of each model, without loading any."""
        return {
            name: f"{model_sha256((FILES | FILES_ON_DEMAND)[name]())}:float32" for name in names
        }
