"""The voices that an XTTS brings along speak as with coqui-tts, and broken ones are refused."""

import os
import pickle
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from TTS.tts.layers.xtts.xtts_manager import SpeakerManager

from services.chassis.errors import InvalidInputError
from services.inference.catalogue.local_folders import LocalFolders
from services.inference.engines.engine import FinishReason, Sampling, Utterance
from services.inference.engines.xtts.engine import XttsEngine
from services.inference.engines.xtts.loading.loaded_xtts import load_xtts
from services.inference.engines.xtts.options import XttsOptions
from tests.models.coqui_xtts import coqui_xtts
from tests.models.tiny_xtts import tiny_xtts_folder, write_speakers
from tests.pickled_code import PickledCode
from tests.xtts_engines import SIZE, spoken

TEXT = "the quick brown fox jumps over the lazy dog."
NAMES = ("Ana Florence", "Camilla Holmström", "Wulf Carlevaro")
GREEDY = Sampling(top_k=1, repetition_penalty=10.0)
CPU = torch.device("cpu")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tiny model that brings three voices along."""
    made = tmp_path / "models" / "tiny"
    shutil.copytree(tiny_xtts_folder(SIZE), made, copy_function=os.symlink)
    write_speakers(made, *NAMES, size=SIZE)
    return made


async def test_each_speaker_says_what_coqui_makes_her_say(folder: Path) -> None:
    coqui = coqui_xtts(folder, SIZE)
    coqui.speaker_manager = SpeakerManager(folder / "speakers_xtts.pth")
    engine = XttsEngine.load(folder, XttsOptions(device="cpu", slot_count=2))
    heard = []
    try:
        for name in NAMES:
            utterance = Utterance(TEXT, "en", engine.speaker(name), GREEDY)
            heard.append(await spoken(engine, utterance))
    finally:
        await engine.aclose()

    for name, ours in zip(NAMES, heard, strict=True):
        expected = coqui.synthesize(
            TEXT, speaker=name, language="en", do_sample=False, repetition_penalty=10.0
        )["wav"]
        assert ours.finish_reason is FinishReason.COMPLETE
        np.testing.assert_allclose(ours.samples, expected, atol=1e-5)
    assert len({ours.samples.tobytes() for ours in heard}) == len(NAMES)
    assert min(len(ours.samples) for ours in heard) > 5_000


async def test_they_are_known_before_the_model_is_loaded(folder: Path) -> None:
    (model,) = await LocalFolders(folder.parent, {}).find("tiny")
    assert model.speakers == NAMES == tuple(load_xtts(folder, CPU).speakers)
    (folder / "speakers_xtts.pth").unlink()
    (without,) = await LocalFolders(folder.parent, {}).find("tiny")
    assert without.speakers == ()
    assert without.version != model.version
    with pytest.raises(InvalidInputError) as refused:
        load_xtts(folder, CPU).speaker(NAMES[0])
    assert refused.value.reason == "UNKNOWN_SPEAKER"


async def test_code_among_them_is_refused_and_not_run(folder: Path, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    torch.save({"Ana": PickledCode(trace)}, folder / "speakers_xtts.pth")
    assert await _refusals(folder) == {"CORRUPT_CHECKPOINT"}
    assert not trace.exists()


@pytest.mark.parametrize(
    "content", [{}, [], {7: {}}, {"": {}}, {"x" * 201: {}}, {"\ud800": {}}, torch.zeros(2)]
)
async def test_what_names_nobody_is_refused(folder: Path, content: object) -> None:
    torch.save(content, folder / "speakers_xtts.pth")
    assert await _refusals(folder) == {"CORRUPT_CHECKPOINT"}


async def test_a_file_cut_short_or_swollen_by_compression_is_refused(folder: Path) -> None:
    path = folder / "speakers_xtts.pth"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert await _refusals(folder) == {"CORRUPT_CHECKPOINT"}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"Ana": "a" * (64 << 20)}))
    assert await _refusals(folder) == {"CORRUPT_CHECKPOINT"}


@pytest.mark.parametrize(
    "voice",
    [
        None,
        {"gpt_cond_latent": torch.zeros(1, 32, SIZE.channel_count)},
        {"gpt_cond_latent": torch.zeros(1, 32, 7), "speaker_embedding": torch.zeros(1, 512, 1)},
        {
            "gpt_cond_latent": torch.zeros(1, 32, SIZE.channel_count) / 0,
            "speaker_embedding": torch.zeros(1, 512, 1),
        },
        {
            "gpt_cond_latent": torch.zeros(1, 32, SIZE.channel_count),
            "speaker_embedding": torch.zeros(1, 512, 1).to_sparse(),
        },
        {"gpt_cond_latent": "loud", "speaker_embedding": "quiet"},
    ],
)
def test_a_voice_that_is_none_is_refused_when_the_model_loads(folder: Path, voice: object) -> None:
    torch.save({"Ana": voice}, folder / "speakers_xtts.pth")
    with pytest.raises(InvalidInputError, match=r"'speakers_xtts\.pth'") as refused:
        load_xtts(folder, CPU)
    assert refused.value.reason == "CORRUPT_CHECKPOINT"


async def _refusals(folder: Path) -> set[str]:
    """Returns the reasons why the model can be neither described nor loaded; it is not listed."""
    folders = LocalFolders(folder.parent, {})
    assert await folders.list() == []
    with pytest.raises(InvalidInputError) as described:
        await folders.find(folder.name)
    with pytest.raises(InvalidInputError) as loaded:
        load_xtts(folder, CPU)
    return {described.value.reason, loaded.value.reason}
