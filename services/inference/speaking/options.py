"""Who speaks and how, as a caller may choose it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from services.chassis.errors import InvalidInputError
from services.inference.engines.engine import Priority, Sampling

T = TypeVar("T", int, float)

MIN_SPEED, MAX_SPEED = 0.5, 2.0
MIN_RATE_HERTZ, MAX_RATE_HERTZ = 8_000, 48_000
MAX_TEMPERATURE = 2.0
MAX_TOP_K = 100
MAX_PENALTY = 20.0
MAX_PRONUNCIATIONS = 1_000
MAX_PRONUNCIATION_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class SpeechOptions:
    """What may be left out is None, empty or zero, and then the server's, voice's or model's."""

    voice_id: str = ""
    model: str = ""
    model_version: str = ""
    language_code: str = ""
    speed: float = 1.0
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    repetition_penalty: float | None = None
    seed: int | None = None
    sample_rate_hertz: int = 0
    priority: Priority = Priority.INTERACTIVE
    max_audio_seconds: float = 0.0
    pronunciations: Mapping[str, str] = field(default_factory=dict)

    def check(self) -> None:
        """Raises InvalidInputError naming the first option that is out of range."""
        rate = self.sample_rate_hertz
        _check("speed", MIN_SPEED <= self.speed <= MAX_SPEED, "from 0.5 to 2")
        _check("temperature", _within(self.temperature, 0, MAX_TEMPERATURE), "above 0 to 2")
        _check("top_k", _within(self.top_k, 0, MAX_TOP_K), "from 1 to 100")
        _check("top_p", _within(self.top_p, 0, 1), "above 0 to 1")
        penalty = self.repetition_penalty
        _check("repetition_penalty", penalty is None or 1 <= penalty <= MAX_PENALTY, "from 1 to 20")
        _check(
            "sample_rate_hertz",
            rate == 0 or MIN_RATE_HERTZ <= rate <= MAX_RATE_HERTZ,
            "from 8,000 to 48,000, or zero for the model's own",
        )
        _check("max_audio_seconds", self.max_audio_seconds >= 0, "zero or more")
        _check(
            "pronunciations",
            len(self.pronunciations) <= MAX_PRONUNCIATIONS
            and all(
                written.strip() and max(len(written), len(spoken)) <= MAX_PRONUNCIATION_CHARACTERS
                for written, spoken in self.pronunciations.items()
            ),
            "at most 1,000, none without words, none longer than 200 characters",
        )

    def sampling(self, seed: int) -> Sampling:
        """Returns how tokens are drawn, with the defaults of XTTS where nothing was chosen."""
        own = Sampling()
        return Sampling(
            temperature=_or(self.temperature, own.temperature),
            top_k=_or(self.top_k, own.top_k),
            top_p=_or(self.top_p, own.top_p),
            repetition_penalty=_or(self.repetition_penalty, own.repetition_penalty),
            seed=seed,
        )


def _within(value: float | None, above: float, to: float) -> bool:
    return value is None or above < value <= to  # false for NaN


def _or(value: T | None, default: T) -> T:
    return default if value is None else value


def _check(name: str, is_right: bool, range_: str) -> None:
    if not is_right:
        message = f"options.{name} must be {range_}."
        raise InvalidInputError(message, reason="OPTION_OUT_OF_RANGE", field=f"options.{name}")
