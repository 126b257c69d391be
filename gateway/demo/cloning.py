"""Clones the demo's speaker, where a model is here that can clone."""

import wave
from pathlib import Path

from gateway.cli.consents.agreement import Agreement
from gateway.cli.reporter import Reporter
from gateway.cli.voices.consent import consent_to_clone
from gateway.client.client import Client
from gateway.demo.prompts import ATTRIBUTION
from services.chassis.errors import ServiceError
from ttstrainer.inference.v1.engine_service_pb2 import ENGINE_KIND_XTTS, LoadModelRequest
from ttstrainer.inference.v1.voice_service_pb2 import CreateVoiceHeader

VOICE = "demo"
SPEAKER = "Allison Smith"
STATEMENT = (
    f"{ATTRIBUTION} They are cloned for this demonstration, on this machine alone; whoever wants "
    "more of this voice asks the speaker first."
)
REFERENCE_COUNT = 3


async def cloned_voice(client: Client, reporter: Reporter, dataset: Path) -> str:
    """Returns the clone's voice_id, or an empty text where no model can clone."""
    model = await _cloning_model(client, reporter)
    clips = references(dataset)
    if not model or not clips:
        return ""
    agreement = Agreement("", SPEAKER, written=STATEMENT)
    header = CreateVoiceHeader(voice_id=VOICE, language_code="en", model=model, replace=True)
    async with consent_to_clone(agreement, client.consents, reporter) as header.consent_id:
        return (await client.voices.create(header, clips)).voice_id


async def _cloning_model(client: Client, reporter: Reporter) -> str:
    """Returns the first XTTS model that loads as it is: no licence is accepted for anybody."""
    for model in (await client.engines.models()).models:
        if model.kind == ENGINE_KIND_XTTS:
            try:
                await client.engines.load(LoadModelRequest(name=model.name))
            except ServiceError as error:
                reporter.note(f"No clone with {model.name}: {error.message}")
            else:
                return model.name
    return ""


def references(dataset: Path) -> list[Path]:
    """Returns the longest clips of an exported dataset."""
    clips = sorted((dataset / "wavs").glob("*.wav"), key=_seconds, reverse=True)
    return clips[:REFERENCE_COUNT]


def _seconds(path: Path) -> float:
    with wave.open(str(path)) as clip:
        return float(clip.getnframes() / clip.getframerate())
