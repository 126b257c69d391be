"""Models are found wherever they are kept."""

import shutil
from pathlib import Path

import pytest

from services.chassis.errors import ConflictError, InvalidInputError, NotFoundError
from services.inference.catalogue.catalogue import Catalogue
from services.inference.catalogue.licences import Licences
from services.inference.catalogue.local_folders import LocalFolders
from services.inference.catalogue.packaged_models import PackagedModel, PackagedModels
from services.inference.engines.engine import Engine, EngineKind
from services.speech.models import ModelMissingError
from tests.fakes.artifacts import InMemoryArtifacts
from tests.model_catalogue import JOE, NOW, XTTS_CONFIG, Bench, with_speakers


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


async def test_a_packaged_model_says_which_package_is_missing() -> None:
    def fail() -> Engine:
        raise ModelMissingError("Install the package.")

    absent = PackagedModels([PackagedModel(JOE, "no_such_package", fail)])
    assert await absent.list() == []
    catalogue = Catalogue([absent], Licences(InMemoryArtifacts(), lambda: NOW))
    with pytest.raises(ConflictError) as refused:
        await catalogue.load("joe", "")
    assert refused.value.reason == "MODEL_NOT_INSTALLED"
