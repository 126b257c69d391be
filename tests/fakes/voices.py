"""What the voices need of the rest of the service, without models."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import soundfile
from numpy.typing import NDArray

from services.chassis.errors import InvalidInputError, UnavailableError
from services.inference.engines.engine import Conditioning, Engine, ReferenceAudio
from services.inference.voices.clip import SpeechDetector
from services.inference.voices.consent_desk import Consent
from services.inference.voices.speaker_check import Embedder
from services.inference.voices.voice import Voice
from services.speech.regions import FRAME_SAMPLES, Region, speech_regions

Samples = NDArray[np.float32]

AUDIBLE_RMS = 0.01
DIMENSIONS = 40


class LoudSpeech:
    """Takes every loud frame for speech."""

    def regions(self, blocks: Iterable[Samples]) -> list[Region]:
        """See SpeechDetector."""
        samples = np.concatenate([np.zeros(0, np.float32), *blocks])
        padded = np.pad(samples, (0, -len(samples) % FRAME_SAMPLES))
        frames = padded.reshape(-1, FRAME_SAMPLES)
        return speech_regions(np.sqrt(np.mean(np.square(frames), axis=1)) > AUDIBLE_RMS)


class PitchVoices:
    """Takes the strongest frequency, in steps of 100 Hz, for the voice."""

    def embed(self, samples: Samples) -> Samples:
        """See Embedder."""
        spectrum = np.abs(np.fft.rfft(samples))
        hertz = np.argmax(spectrum) * 16_000 / max(1, len(samples))
        return np.asarray(np.eye(DIMENSIONS)[min(DIMENSIONS - 1, round(hertz / 100))], np.float32)


class FakeEars:
    """Hears tones as speakers."""

    def detector(self) -> SpeechDetector:
        """See Ears."""
        return LoudSpeech()

    def embedder(self) -> Embedder:
        """See Ears."""
        return PitchVoices()


async def decode_in_process(source: Path, target: Path, *, max_seconds: float) -> None:
    """Decodes what libsndfile reads; see Decode."""
    try:
        with soundfile.SoundFile(source) as file:
            rate = file.samplerate
            samples = file.read(round(max_seconds * rate), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise InvalidInputError("This is no sound.", reason="NOT_MEDIA") from error
    soundfile.write(target, samples.mean(axis=1), rate, format="WAV", subtype="FLOAT")


@dataclass
class FakeConsentDesk:
    """Knows the consents that a test puts in; may be away."""

    consents: dict[str, Consent] = field(default_factory=dict)
    is_away: bool = False
    asked: list[str] = field(default_factory=list)

    async def consent(self, consent_id: str) -> Consent | None:
        """See ConsentDesk."""
        self.asked.append(consent_id)
        if self.is_away:
            raise UnavailableError("The dataset service does not answer.")
        return self.consents.get(consent_id)


@dataclass
class FakeSpeaker:
    """Says everything as one WAV file."""

    wav: bytes
    model: str = "xtts/1"
    said: list[tuple[str, str]] = field(default_factory=list)

    async def model_of(self, voice: Voice) -> str:
        """See Speaker."""
        del voice
        return self.model

    async def say(self, voice: Voice, text: str) -> bytes:
        """See Speaker."""
        self.said.append((voice.voice_id, text))
        return self.wav


@dataclass(frozen=True)
class FakeConditioning:
    """How long the references are."""

    seconds: float

    def to_bytes(self) -> bytes:
        """See Conditioning."""
        return f"seconds {self.seconds}".encode()


@dataclass
class ConditioningEngine:
    """The part of an engine that clones; remembers what it was given."""

    conditioned: list[Sequence[ReferenceAudio]] = field(default_factory=list)

    async def condition(self, references: Sequence[ReferenceAudio]) -> Conditioning:
        """See Engine."""
        self.conditioned.append(references)
        return FakeConditioning(sum(len(r.samples) / r.sample_rate_hertz for r in references))

    def conditioning(self, content: bytes) -> Conditioning:
        """See Engine."""
        kind, _, seconds = content.decode().partition(" ")
        if kind != "seconds":
            raise InvalidInputError("This is no conditioning.")
        return FakeConditioning(float(seconds))

    @property
    def as_engine(self) -> Engine:
        """Itself; whoever asks it for more is told by an AttributeError."""
        return cast("Engine", self)
