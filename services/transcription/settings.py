"""What the transcription service can be told."""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from services.chassis.settings import ServiceSettings


class TranscriptionSettings(ServiceSettings):
    """See ServiceSettings for where the values come from."""

    service_name: ClassVar[str] = "transcription"

    port: int = Field(50053, ge=0, le=65535)
    """The port gRPC is served on; 0 for a free one."""
    metrics_port: int = Field(9053, ge=0, le=65535)
    """The port Prometheus reads; 0 for a free one."""

    model: str = "small"
    """The Whisper model used when a request names none: a name, or the path of a folder."""
    language_model: str = "base"
    """A multilingual model that names the language of clips an English-only model is unsure of;
    does without it where it is not installed."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where it runs; auto takes a GPU when there is one."""
    compute_type: str = "auto"
    """CTranslate2's arithmetic; auto is float16 on a GPU and int8 on a CPU."""
    cpu_threads: int = Field(0, ge=0)
    """Threads of the model on a CPU; 0 for one per core. Results do not depend on it."""
    loaded_models: int = Field(2, ge=1)
    """How many models are kept in memory; the one not used for longest goes first."""
    allow_downloads: bool = True
    """Whether a model that is not installed may be fetched from the Hugging Face hub."""
    models_dir: Path = Path("~/.cache/tts-trainer/models")
    """Where models are kept that come from packages in parts."""

    batch_size: int = Field(8, ge=1, le=128)
    """How many clips are decoded at once. Probabilities depend on it in the fourth digit, so a
    change means that everything is computed again."""
    beam_size: int = Field(5, ge=1, le=20)
    """How many hypotheses are followed."""
    max_cut_seconds: float = Field(15.0, gt=1, le=28)
    """The longest piece that audio without clips is cut into."""

    min_confidence: float = Field(0.6, ge=0, le=1)
    """A clip whose words have a lower mean probability is rejected."""
    doubtful_confidence: float = Field(0.8, ge=0, le=1)
    """A clip below this is decoded a second time."""
    doubtful_word_confidence: float = Field(0.3, ge=0, le=1)
    """A clip with a word below this is decoded a second time."""
    max_second_decoding_word_error_rate: float = Field(0.2, ge=0)
    """A clip whose second decoding differs in more words is rejected."""
    max_subtitle_word_error_rate: float = Field(0.35, ge=0)
    """A clip whose subtitles differ in more words from what was heard is rejected."""
    max_no_speech_probability: float = Field(0.6, ge=0, le=1)
    """A clip that is more probably no speech is rejected, unless its words are certain."""
    max_compression_ratio: float = Field(2.4, gt=0)
    """A clip whose text compresses better repeats itself."""
    max_characters_per_second: float = Field(30.0, gt=0)
    """Nobody speaks faster: such a text was made up."""
    min_characters_per_second: float = Field(2.0, ge=0)
    """Nobody speaks slower in a clip without pauses: words were lost."""
    min_language_probability: float = Field(0.35, ge=0, le=1)
    """Another language must be at least this probable before a clip is rejected for it."""
    cut_word_seconds: float = Field(0.25, ge=0)
    """A word this close to the edge of its clip may be cut."""
    cut_word_level_decibels: float = Field(-20.0, le=0)
    """An edge is in speech when its level, relative to the clip's speech, is above this."""
