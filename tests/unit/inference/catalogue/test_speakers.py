"""Who a model can speak as is known without loading it."""

import json

import pytest

from services.chassis.errors import InvalidInputError
from services.inference.catalogue.speakers import XTTS_SPEAKERS
from tests.model_catalogue import SPEAKERS, Bench, with_speakers

VITS_CONFIG = {
    "model": "vits",
    "model_args": {"use_speaker_embedding": True, "speakers_file": "/where/it/was/made/ids.json"},
}


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
