"""A catalogue of models that are kept wherever models can be, and what its tests ask of it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import torch

from services.inference.catalogue.catalogue import Catalogue
from services.inference.catalogue.description import ModelDescription
from services.inference.catalogue.hub_models import HUB_MODELS, HubModels
from services.inference.catalogue.licences import Licences
from services.inference.catalogue.local_folders import LocalFolders
from services.inference.catalogue.packaged_models import PackagedModel, PackagedModels
from services.inference.catalogue.speakers import XTTS_SPEAKERS
from services.inference.catalogue.stored_models import StoredModels
from services.inference.engines.engine import Engine, EngineKind
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.fake_engine import FakeEngine
from tests.fakes.model_hub import FakeHub

NOW = datetime(2026, 1, 2, tzinfo=UTC)
JOE = ModelDescription("joe", "1.0.0", EngineKind.VITS, frozenset({"en"}), False, 22_050)
XTTS_CONFIG = {"model": "xtts", "languages": ["en", "de"], "model_args": {}}
SPEAKERS = ("Ana Florence", "Wulf Carlevaro")


def with_speakers(speakers: object = None, speakers_file: object = None) -> str:
    """Returns the config.json of a VITS model of several speakers."""
    arguments = {"use_speaker_embedding": True, "speakers_file": speakers_file}
    return json.dumps({"model": "vits", "speakers": speakers, "model_args": arguments})


class Bench:
    """A catalogue over a folder, an artifact store and a hub; what was loaded, as it was found."""

    def __init__(self, folder: Path, *, allow_downloads: bool = True) -> None:
        self.models_dir = folder / "models"
        self.hub = FakeHub(folder / "remote")
        self.artifacts = InMemoryArtifacts()
        self.loaded: list[dict[str, bytes]] = []
        factories = dict.fromkeys(EngineKind, self._load)
        packaged = PackagedModel(JOE, "json", FakeEngine)
        self.sources = (
            PackagedModels([packaged]),
            LocalFolders(self.models_dir, factories),
            StoredModels(self.artifacts, factories),
            HubModels(self.hub, factories, allow_downloads=allow_downloads),
        )
        self.catalogue = Catalogue(self.sources, Licences(self.artifacts, lambda: NOW))

    def _load(self, folder: Path) -> Engine:
        self.loaded.append({path.name: path.read_bytes() for path in folder.iterdir()})
        return FakeEngine()

    def put_folder(self, name: str, config: object = XTTS_CONFIG, weights: bytes = b"w") -> Path:
        folder = self.models_dir / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.pth").write_bytes(weights)
        (folder / "config.json").write_text(json.dumps(config))
        return folder

    async def store(self, name: str, version: str, config: object = XTTS_CONFIG) -> None:
        await self.artifacts.write(f"models/{name}/{version}/model.pth", version.encode())
        content = json.dumps(config).encode()
        await self.artifacts.write(f"models/{name}/{version}/config.json", content)

    def put_on_hub(self) -> None:
        for model in HUB_MODELS:
            for path in model.files.values():
                file = self.hub.remote / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(path.encode())
        torch.save(dict.fromkeys(SPEAKERS), self.hub.remote / XTTS_SPEAKERS)
