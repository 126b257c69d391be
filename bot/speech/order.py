"""What is to be said, by whom and how."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpeechOrder:
    """A text and the voice that is to speak it; what is empty, the inference service decides."""

    text: str
    voice_id: str = ""
    language_code: str = ""
    """BCP 47."""
    speed: float = 1.0
    """1 is the voice's own pace."""
    pronunciations: tuple[tuple[str, str], ...] = ()
    """Words as they are written, and as they are spoken."""
    max_audio_seconds: float = 0.0
    """The speech ends then at the latest; 0 leaves it to the service."""
