"""Who speaks in the bench of the service: the voice joe, and an XTTS of the full size."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from services.chassis.storage.local_artifacts import LocalArtifacts
from services.inference.catalogue.model_folder import read_folder
from services.inference.engine_factories import engine_factories, packaged_models
from services.inference.engines.engine import Conditioning, Engine, EngineKind
from services.inference.settings import InferenceSettings
from services.inference.voices.voice import Origin, Voice
from services.inference.voices.voice_data import VoiceData, conditioning_key
from services.inference.voices.voice_records import VoiceRecords
from tests.bench.inference.costs import TEXTS
from tests.models.tiny_xtts import FULL, write_xtts
from tests.xtts_engines import a_voice

SENTENCES = (
    "Good evening, and welcome to the evening stream.",
    "Could you please tell me where the nearest train station is?",
    "We had bread, butter, cheese and a little honey for breakfast this morning.",
)
XTTS_SECONDS = 6
NAME = "random"
"""Of the XTTS and of its voice."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A voice and what is asked of it."""

    title: str
    voice_id: str
    texts: Sequence[str] = SENTENCES
    max_seconds: float = 60.0
    """Of audio, for a model that knows no end."""
    load: Callable[[], Engine] | None = None
    """Loads the engine as the service does; None where the service runs elsewhere."""
    conditioning: Conditioning | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    """Of the service, by what follows TTSTRAINER_INFERENCE_."""
    listeners: Sequence[int] = (1, 2, 4, 8)
    """How many listen at once, in turn."""
    arrivals_per_second: Sequence[float] = (0.5, 1.0, 2.0)
    seconds: float = 20.0
    """How long each load lasts."""
    rounds: int = 5
    """How often the texts are spoken to find the overhead."""


def joe() -> Speaker:
    """Returns the voice of the package."""
    (model,) = packaged_models(InferenceSettings(store_url="file:///nowhere", device="cpu"))
    return Speaker("joe (VITS)", "joe", load=model.load)


async def xtts(folder: Path, precision: str) -> Speaker:
    """Writes a model with random weights and a voice that nobody has into a service's folder."""
    models, store = folder / "models", LocalArtifacts(folder / "store")
    write_xtts(models / NAME, FULL)
    voice = Voice(NAME, NAME, "en", NAME, Origin.CLONED, consent_id="none", data_id="none")
    conditioning = a_voice(channel_count=FULL.channel_count)
    key = conditioning_key(voice, NAME, read_folder(models / NAME).version)
    await VoiceData(store).write(key, conditioning.to_bytes())
    await VoiceRecords(store).put(NAME, lambda _: voice)
    settings = InferenceSettings.model_validate(
        {"store_url": "file:///nowhere", "device": "cpu", "precision": precision}
    )
    return Speaker(
        f"XTTS, {precision}",
        NAME,
        texts=(TEXTS[XTTS_SECONDS],),
        max_seconds=XTTS_SECONDS,
        load=partial(engine_factories(settings)[EngineKind.XTTS], models / NAME),
        conditioning=conditioning,
        settings={"MODELS_DIR": str(models), "PRECISION": precision, "PRELOAD": NAME},
        listeners=(1, 2, 4),
        arrivals_per_second=(0.1, 0.2, 0.4),
        seconds=60.0,
        rounds=6,
    )
