"""What a stream of speech is made of: the format, marks and chunks, a summary."""

from dataclasses import dataclass

from services.inference.engines.engine import FinishReason


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """How to read the chunks, and who speaks; comes first."""

    sample_rate_hertz: int
    voice_id: str
    model: str
    model_version: str


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A piece of the audio, as signed 16-bit little-endian samples of one channel."""

    sequence_number: int
    sample_offset: int
    pcm: bytes

    @property
    def sample_count(self) -> int:
        """How many samples it holds."""
        return len(self.pcm) // 2


@dataclass(frozen=True, slots=True)
class SentenceMark:
    """Where in the audio, and in the given text, a sentence begins; comes before its audio."""

    sentence_index: int
    sample_offset: int
    text_offset: int
    text_length: int


@dataclass(frozen=True, slots=True)
class SpeechSummary:
    """How it went; comes last."""

    audio_seconds: float
    token_count: int
    time_to_first_audio_seconds: float
    real_time_factor: float
    finish_reason: FinishReason
    seed: int
    sentence_count: int


SpeechPart = AudioFormat | AudioChunk | SentenceMark | SpeechSummary
