"""Models are found wherever they are kept; nothing is fetched before its licence is accepted."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
import torch

from services.chassis.errors import ConflictError, InvalidInputError, NotFoundError
from services.inference.catalogue.catalogue import Catalogue
from services.inference.catalogue.description import ModelDescription
from services.inference.catalogue.hub_models import HUB_MODELS, HubModels
from services.inference.catalogue.licences import Licences
from services.inference.catalogue.local_folders import LocalFolders
from services.inference.catalogue.packaged_models import PackagedModel, PackagedModels
from services.inference.catalogue.speakers import XTTS_SPEAKERS
from services.inference.catalogue.stored_models import StoredModels
from services.inference.engines.engine import Engine, EngineKind
from services.speech.models import ModelMissingError
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.fake_engine import FakeEngine
from tests.fakes.model_hub import FakeHub

NOW = datetime(2026, 1, 2, tzinfo=UTC)
JOE = ModelDescription("joe", "1.0.0", EngineKind.VITS, frozenset({"en"}), False, 22_050)
XTTS_CONFIG = {"model": "xtts", "languages": ["en", "de"], "model_args": {}}
VITS_CONFIG = {
    "model": "vits",
    "model_args": {"use_speaker_embedding": True, "speakers_file": "/where/it/was/made/ids.json"},
}
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


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_all_models_are_listed_by_name_and_version(bench: Bench) -> None:
    bench.put_folder("anna")
    await bench.store("bert", "v2")
    await bench.store("bert", "v1")
    listed = await bench.catalogue.list()
    names = [(model.name, model.version) for model in listed if model.name != "anna"]
    assert names == [
        ("bert", "v1"), ("bert", "v2"), ("joe", "1.0.0"), ("tortoise", "main"), ("xtts_v2", "main"),
    ]  # fmt: skip
    assert listed[0].name == "anna"


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (XTTS_CONFIG, (EngineKind.XTTS, {"en", "de"}, True, 24_000)),
        (
            {"model": "vits", "audio": {"sample_rate": 16_000}, "languages": ["fr-fr", "pt-br"]},
            (EngineKind.VITS, {"fr", "pt"}, False, 16_000),
        ),
        (
            {"model": "vits", "datasets": [{"language": "it"}, {"name": "x"}]},
            (EngineKind.VITS, {"it"}, False, 22_050),
        ),
        (
            {"model": "vits", "phoneme_language": "en-us"},
            (EngineKind.VITS, {"en"}, False, 22_050),
        ),
        ({"model": "tortoise"}, (EngineKind.TORTOISE, {"en"}, True, 24_000)),
    ],
)
async def test_a_folder_says_what_it_is_without_being_loaded(
    bench: Bench, config: object, expected: tuple[EngineKind, set[str], bool, int]
) -> None:
    bench.put_folder("anna", config)
    found = await bench.catalogue.find("anna")
    described = found.kind, set(found.language_codes), found.can_clone, found.sample_rate_hertz
    assert described == expected
    assert not bench.loaded


async def test_a_folder_with_other_weights_is_another_version(bench: Bench, tmp_path: Path) -> None:
    folder = bench.put_folder("anna")
    first = await bench.catalogue.find("anna")
    shutil.copytree(folder, tmp_path / "elsewhere" / "anna")
    bench.put_folder("anna", weights=b"others")
    assert (await bench.catalogue.find("anna")).version != first.version
    copied = await LocalFolders(tmp_path / "elsewhere", {}).find("anna")
    assert copied == [first]
    with pytest.raises(NotFoundError) as unknown:
        await bench.catalogue.load("anna", first.version)
    assert unknown.value.field == "version"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "CORRUPT_CHECKPOINT"),
        ("[]", "CORRUPT_CHECKPOINT"),
        ('{"model": "bark"}', "UNSUPPORTED_MODEL"),
        ("{}", "UNSUPPORTED_MODEL"),
        ('{"model": "vits", "audio": "loud"}', "UNSUPPORTED_MODEL"),
        (with_speakers(speakers=5), "CORRUPT_CHECKPOINT"),
        (with_speakers(speakers=[5]), "CORRUPT_CHECKPOINT"),
        (with_speakers(speakers=["x" * 201]), "CORRUPT_CHECKPOINT"),
        (with_speakers(speakers=["\ud800"]), "CORRUPT_CHECKPOINT"),
        (with_speakers(speakers=[f"{n}" for n in range(10_001)]), "CORRUPT_CHECKPOINT"),
        (with_speakers(speakers_file=5), "CORRUPT_CHECKPOINT"),
        (with_speakers(speakers_file=""), "CORRUPT_CHECKPOINT"),
        (with_speakers(speakers_file="a\0b"), "MODEL_INCOMPLETE"),
        (with_speakers(speakers_file="x" * 5000), "MODEL_INCOMPLETE"),
        (with_speakers(speakers_file=".."), "MODEL_INCOMPLETE"),
        (with_speakers(speakers_file="/etc/passwd"), "MODEL_INCOMPLETE"),
        (with_speakers(speakers_file="config.json"), "CORRUPT_CHECKPOINT"),
    ],
)
async def test_a_broken_folder_is_left_out_of_the_list_and_says_why_when_asked_for(
    bench: Bench, content: str, reason: str
) -> None:
    (bench.put_folder("anna") / "config.json").write_text(content)
    assert "anna" not in {model.name for model in await bench.catalogue.list()}
    with pytest.raises(InvalidInputError) as refused:
        await bench.catalogue.find("anna")
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "name", ["nobody", "", ".", "..", "../models/anna", "/etc", "bert/v1", "a\0b", "é" * 200]
)
async def test_a_name_that_is_no_model_is_not_found(bench: Bench, name: str) -> None:
    bench.put_folder("anna")
    await bench.store("bert", "v1")
    with pytest.raises(NotFoundError):
        await bench.catalogue.find(name)
    with pytest.raises(NotFoundError):
        await bench.catalogue.accept_licence(name)


async def test_the_newest_stored_version_is_the_one_stored_last(bench: Bench) -> None:
    await bench.store("bert", "v10")
    await bench.store("bert", "v9")
    assert (await bench.catalogue.find("bert")).version == "v9"
    assert (await bench.catalogue.find("bert", "v10")).version == "v10"
    await bench.catalogue.load("bert", "v10")
    assert bench.loaded[0]["model.pth"] == b"v10"
    await bench.store("bert", "v11", {"model": "bark"})
    assert (await bench.catalogue.find("bert")).version == "v9"


async def test_a_version_that_is_still_being_stored_is_not_there_yet(bench: Bench) -> None:
    await bench.store("bert", "v1")
    await bench.artifacts.write("models/bert/v2/model.pth", b"half")
    assert (await bench.catalogue.find("bert")).version == "v1"


async def test_a_folder_comes_before_a_stored_model_and_the_hub(bench: Bench) -> None:
    folder = bench.put_folder("xtts_v2")
    await bench.store("xtts_v2", "v1")
    found = await bench.catalogue.find("xtts_v2")
    assert not found.licence_uri
    await bench.catalogue.load("xtts_v2", "")
    assert bench.loaded[0].keys() == {path.name for path in folder.iterdir()}
    assert [m.version for m in await bench.catalogue.list() if m.name == "xtts_v2"] == [
        found.version
    ]


async def test_a_model_of_the_hub_is_fetched_only_once_its_licence_was_accepted(
    bench: Bench,
) -> None:
    bench.put_on_hub()
    for _ in range(2):
        with pytest.raises(ConflictError) as refused:
            await bench.catalogue.load("xtts_v2", "")
        assert refused.value.reason == "LICENCE_NOT_ACCEPTED"
        assert "LICENSE" in refused.value.message
    assert not bench.hub.fetched_paths
    await bench.catalogue.accept_licence("xtts_v2")
    await bench.catalogue.load("xtts_v2", "main")
    assert bench.loaded[0].keys() == {"config.json", "model.pth", "vocab.json", XTTS_SPEAKERS}
    with pytest.raises(ConflictError):
        await bench.catalogue.load("tortoise", "")


async def test_the_speakers_of_a_model_of_the_hub_are_known_once_it_is_here(bench: Bench) -> None:
    bench.put_on_hub()
    assert (await bench.catalogue.find("xtts_v2")).speakers == ()
    await bench.catalogue.accept_licence("xtts_v2")
    await bench.catalogue.load("xtts_v2", "")
    assert (await bench.catalogue.find("xtts_v2")).speakers == SPEAKERS
    assert SPEAKERS in {model.speakers for model in await bench.catalogue.list()}
    (bench.hub.remote / XTTS_SPEAKERS).write_bytes(b"no speakers")
    assert "xtts_v2" not in {model.name for model in await bench.catalogue.list()}
    with pytest.raises(InvalidInputError) as refused:
        await bench.catalogue.find("xtts_v2")
    assert refused.value.reason == "CORRUPT_CHECKPOINT"
    assert "'xtts_v2'" in refused.value.message


async def test_the_speakers_of_a_folder_are_in_its_files(bench: Bench) -> None:
    folder = bench.put_folder("anna", VITS_CONFIG)
    (folder / "ids.json").write_text(json.dumps({"bob": 1, "ann": 0}))
    assert (await bench.catalogue.find("anna")).speakers == ("ann", "bob")
    (folder / "ids.json").write_text("{")
    assert "anna" not in {model.name for model in await bench.catalogue.list()}
    with pytest.raises(InvalidInputError) as refused:
        await bench.catalogue.find("anna")
    assert refused.value.reason == "CORRUPT_CHECKPOINT"
    (folder / "ids.json").unlink()
    with pytest.raises(InvalidInputError) as refused:
        await bench.catalogue.find("anna")
    assert refused.value.reason == "MODEL_INCOMPLETE"


async def test_the_speakers_of_a_stored_model_are_read_once_and_again_when_they_change(
    bench: Bench,
) -> None:
    key = "models/bert/v1/ids.json"
    await bench.artifacts.write(key, b'{"ann": 0, "bob": 1}')
    await bench.store("bert", "v1", VITS_CONFIG)
    assert (await bench.catalogue.find("bert")).speakers == ("ann", "bob")
    opened = bench.artifacts.opened_keys
    assert opened == [key]
    assert (await bench.catalogue.find("bert")).speakers == ("ann", "bob")
    assert opened == [key]
    await bench.artifacts.write(key, b'{"eve": 0}')
    assert (await bench.catalogue.find("bert")).speakers == ("eve",)
    await bench.artifacts.delete(key)
    with pytest.raises(InvalidInputError) as refused:
        await bench.catalogue.find("bert")
    assert refused.value.reason == "MODEL_INCOMPLETE"


@pytest.mark.parametrize("named", ["..", "x" * 5000, "a\0b", 5, [5], {"a": 1}])
async def test_a_stored_model_whose_speakers_are_nowhere_stands_in_nobodys_way(
    bench: Bench, named: object
) -> None:
    await bench.store("bert", "v1", json.loads(with_speakers(speakers_file=named)))
    await bench.store("carl", "v1")
    names = {model.name for model in await bench.catalogue.list()}
    assert "bert" not in names
    assert "carl" in names
    with pytest.raises(InvalidInputError):
        await bench.catalogue.find("bert")


async def test_the_first_acceptance_of_a_licence_stands_and_another_licence_needs_another(
    bench: Bench,
) -> None:
    await bench.catalogue.accept_licence("xtts_v2")
    record = json.loads(bench.artifacts.objects["licences/xtts_v2.json"])
    assert record["accepted_time"] == NOW.isoformat()
    written = len(bench.artifacts.written_keys)
    await bench.catalogue.accept_licence("xtts_v2")
    await bench.catalogue.accept_licence("joe")
    assert len(bench.artifacts.written_keys) == written
    bench.artifacts.objects["licences/xtts_v2.json"] = b'{"licence_uri": "https://other"}'
    with pytest.raises(ConflictError):
        await bench.catalogue.load("xtts_v2", "")


async def test_files_of_a_repository_become_a_folder_as_coqui_writes_it(bench: Bench) -> None:
    bench.put_on_hub()
    await bench.catalogue.accept_licence("tortoise")
    await bench.catalogue.load("tortoise", "")
    assert bench.loaded[0]["mel_norms.pth"] == b"data/mel_norms.pth"
    assert json.loads(bench.loaded[0]["config.json"]) == {"model": "tortoise"}


async def test_without_downloads_a_model_of_the_hub_loads_only_if_it_was_fetched_before(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path, allow_downloads=False)
    bench.put_on_hub()
    await bench.catalogue.accept_licence("xtts_v2")
    assert "xtts_v2" not in {model.name for model in await bench.catalogue.list()}
    with pytest.raises(ConflictError) as refused:
        await bench.catalogue.load("xtts_v2", "")
    assert refused.value.reason == "MODEL_NOT_INSTALLED"
    assert "MODELS_DIR" in refused.value.message
    bench.hub.fetched_paths += ["config.json", "model.pth", "vocab.json", XTTS_SPEAKERS]
    await bench.catalogue.load("xtts_v2", "")
    assert "xtts_v2" in {model.name for model in await bench.catalogue.list()}


async def test_a_hub_out_of_reach_is_named(bench: Bench) -> None:
    bench.hub.is_reachable = False
    await bench.catalogue.accept_licence("xtts_v2")
    with pytest.raises(ConflictError) as refused:
        await bench.catalogue.load("xtts_v2", "")
    assert refused.value.reason == "MODEL_NOT_INSTALLED"
    assert "connection" in refused.value.message


async def test_a_packaged_model_says_which_package_is_missing() -> None:
    def fail() -> Engine:
        raise ModelMissingError("Install the package.")

    absent = PackagedModels([PackagedModel(JOE, "no_such_package", fail)])
    assert await absent.list() == []
    catalogue = Catalogue([absent], Licences(InMemoryArtifacts(), lambda: NOW))
    with pytest.raises(ConflictError) as refused:
        await catalogue.load("joe", "")
    assert refused.value.reason == "MODEL_NOT_INSTALLED"
