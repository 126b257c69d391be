"""Models in the artifact store speak, and go on speaking when their files are deleted."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import torch

from services.chassis.errors import NotFoundError
from services.chassis.storage.local_artifacts import LocalArtifacts
from services.inference.catalogue.catalogue import Catalogue
from services.inference.catalogue.licences import Licences
from services.inference.catalogue.stored_models import StoredModels
from services.inference.engines.engine import (
    Engine,
    EngineKind,
    Priority,
    ReferenceAudio,
    Sampling,
    Utterance,
)
from services.inference.engines.tortoise.engine import TortoiseEngine
from services.inference.engines.tortoise.loading import load_tortoise
from services.inference.engines.xtts.engine import XttsEngine
from services.inference.engines.xtts.options import XttsOptions
from tests.models.tiny_tortoise import tiny_tortoise_folder
from tests.models.tiny_xtts import tiny_xtts_folder


def _tortoise(folder: Path) -> Engine:
    return TortoiseEngine(load_tortoise(folder, torch.device("cpu")))


def _xtts(folder: Path) -> Engine:
    return XttsEngine.load(folder, XttsOptions(device="cpu"))


FACTORIES = {EngineKind.XTTS: _xtts, EngineKind.TORTOISE: _tortoise}


@pytest.mark.parametrize("made", [tiny_xtts_folder, tiny_tortoise_folder])
async def test_a_stored_model_speaks_after_its_files_are_gone(
    tmp_path: Path, made: Callable[[], Path]
) -> None:
    folder = made()
    store = LocalArtifacts(tmp_path)
    keys = {f"models/anna/v1/{path.name}": path for path in folder.iterdir()}
    for key, path in sorted(keys.items(), key=lambda item: item[0].endswith("config.json")):
        await store.put(key, path)
    licences = Licences(store, lambda: datetime.now(UTC))
    catalogue = Catalogue([StoredModels(store, FACTORIES)], licences)
    described = await catalogue.find("anna")
    engine = await catalogue.load("anna", described.version)
    try:
        for key in keys:
            await store.delete(key)
        with pytest.raises(NotFoundError):
            await catalogue.find("anna")
        assert (engine.kind, engine.can_clone) == (described.kind, described.can_clone)
        assert engine.sample_rate_hertz == described.sample_rate_hertz
        assert engine.language_codes == described.language_codes
        assert await _spoken_samples(engine) > 0
    finally:
        await engine.aclose()


async def _spoken_samples(engine: Engine) -> int:
    time = np.arange(2 * 24_000) / 24_000
    tone = (0.3 * np.sin(2 * np.pi * 200 * time)).astype(np.float32)
    voice = await engine.condition([ReferenceAudio(tone, 24_000)])
    utterance = Utterance(
        "it speaks",
        "en",
        conditioning=engine.conditioning(voice.to_bytes()),
        sampling=Sampling(seed=1),
        max_seconds=0.3,
        priority=Priority.BULK,
    )
    return sum([len(piece.samples) async for piece in engine.open(utterance)])
