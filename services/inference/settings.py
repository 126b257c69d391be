"""What the inference service can be told."""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from services.chassis.settings import ServiceSettings


class InferenceSettings(ServiceSettings):
    """See ServiceSettings for where the values come from."""

    service_name: ClassVar[str] = "inference"

    port: int = Field(50057, ge=0, le=65535)
    """The port gRPC is served on; 0 for a free one."""
    metrics_port: int = Field(9057, ge=0, le=65535)
    """The port Prometheus reads; 0 for a free one."""
    dataset_address: str = "127.0.0.1:50054"
    """Where the dataset service is served, which knows the consents: host:port."""
    dataset_ca_file: Path | None = None
    """The authority that signed the dataset service's certificate (PEM); turns TLS on."""

    default_voice: str = "joe"
    """The voice that speaks when a request names none."""
    cloning_model: str = "xtts_v2"
    """The model that new clones speak with when they name none; where its licence was not accepted,
    another one that clones."""
    models_dir: Path = Path("~/.cache/tts-trainer/voices")
    """Where models lie that can speak: a folder each, with coqui's config.json."""
    allow_downloads: bool = True
    """Whether a model whose licence was accepted may be fetched from the Hugging Face hub."""
    preload: str = "joe"
    """Models to load at start, in the background, with commas between them."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where models run; auto takes a GPU when there is one."""
    precision: Literal["auto", "fp32", "bf16", "fp16", "int8"] = "auto"
    """How XTTS's weights are held; auto is fp32 on a CPU and bf16 on a GPU."""
    memory_budget_bytes: int = Field(0, ge=0)
    """What loaded models may take together; 0 for 70 % of the memory there is, of the GPU where
    models run on one."""
    idle_unload_seconds: float = Field(1800, ge=0)
    """A model that nobody used for so long leaves memory; 0 keeps it."""
    version_check_seconds: float = Field(60, ge=0)
    """How often a loaded model is looked up for a newer version, which then takes over; 0 never."""

    slots: int = Field(0, ge=0)
    """How many sentences XTTS makes at once; 0 for 4 on a CPU and 32 on a GPU."""
    vits_slots: int = Field(4, ge=1)
    """How many sentences a VITS model makes at once."""
    chunk_tokens: tuple[int, ...] = (8, 8, 8, 12, 20, 40)
    """How many tokens XTTS turns into audio at a time: little first, to be heard early, then more
    at once, which costs less; the last one goes on."""
    max_waiting_streams: int = Field(64, ge=0)
    """How many streams wait for a slot of a model before more are refused."""
    max_waiting_seconds: float = Field(20, gt=0)
    """How long an interactive stream waits for a slot before it is refused."""
    max_waiting_bulk_seconds: float = Field(600, gt=0)
    """How long a bulk stream waits for a slot before it is refused."""

    max_text_characters: int = Field(50_000, ge=1, le=10_000_000)
    """The longest text of a call."""
    max_audio_seconds: float = Field(4 * 3600, gt=0)
    """The audio of a call ends here at the latest."""
    max_sentence_seconds: float = Field(60, gt=0)
    """A sentence that is spoken for longer is cut."""
    sentence_pause_seconds: float = Field(0.2, ge=0, le=5)
    """The silence between two sentences, added to what the model leaves itself."""
    max_lead_seconds: float = Field(10, gt=0)
    """While so much audio waits for the client, no further sentence is begun."""
    max_chunk_seconds: float = Field(0.25, ge=0.02, le=1)
    """The longest piece of audio in a message."""
    stalled_client_seconds: float = Field(60, gt=0)
    """A client that takes nothing for so long is cut off."""
    silent_client_seconds: float = Field(300, gt=0)
    """A client of StreamSpeechFromText that writes nothing for so long is cut off, too."""
    max_reply_bytes: int = Field(8 << 20, ge=1024)
    """The largest file that SynthesizeSpeech returns in its message; larger ones are stored."""
    ffmpeg: Path = Path("ffmpeg")
    """The program that encodes files."""
    watermark: Literal["off", "perth"] = "off"
    """Whether files also carry an inaudible mark in the audio itself; perth needs the package
    resemble-perth 1.0.1 with setuptools below 81."""
