"""Nothing is fetched from the hub before its licence is accepted."""

import json
from pathlib import Path

import pytest

from services.chassis.errors import ConflictError
from services.inference.catalogue.speakers import XTTS_SPEAKERS
from tests.model_catalogue import NOW, Bench


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
