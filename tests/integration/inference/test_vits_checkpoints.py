"""Models that coqui-tts trained speak as they do with coqui-tts itself, and broken ones do not."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from TTS.tts.models.vits import Vits

from services.chassis.errors import InvalidInputError
from services.inference.catalogue.model_folder import read_folder
from services.inference.engines.engine import Samples, Sampling, Utterance
from services.inference.engines.vits.checkpoint import load_checkpoint
from services.inference.engines.vits.engine import VitsEngine, VitsSpeaker
from tests.models.tiny_vits import write_tiny_vits
from tests.pickled_code import PickledCode
from tests.spoken import speech

TEXT = "Hello there, this is a test."
SEED = 5
D_VECTORS = {
    clip: {"name": name, "embedding": [number * 0.1 * channel - 0.3 for channel in range(8)]}
    for number, (clip, name) in enumerate([("a1", "ann"), ("b1", "bob"), ("b2", "bob")], start=1)
}
KINDS: dict[str, dict[str, Any]] = {
    "characters": {},
    "phonemes": {
        "use_phonemes": True,
        "phonemizer": "espeak",
        "phoneme_language": "en-us",
        "text_cleaner": "phoneme_cleaners",
    },
    "plain durations": {"use_sdp": False},
    "small residual blocks": {
        "resblock_type_decoder": "2",
        "resblock_kernel_sizes_decoder": [3, 5],
        "resblock_dilation_sizes_decoder": [[1, 2], [2, 6]],
    },
    "languages": {"use_language_embedding": True, "languages": ["en", "fr-fr"]},
    "speakers": {"use_speaker_embedding": True, "speakers": ["ann", "bob"]},
    "numbered speakers": {"use_speaker_embedding": True},
    "speaker vectors": {"use_d_vector_file": True, "d_vector_dim": 8},
    "two rates": {"encoder_sample_rate": 8_000, "interpolate_z": True},
}


NUMBERS = {"ann": 1, "bob": 0}


def write_files(kind: str, folder: Path) -> dict[str, Any]:
    """Writes what a kind of model needs beside it; returns its settings."""
    settings = dict(KINDS[kind])
    if kind == "speaker vectors":
        (folder / "vectors.json").write_text(json.dumps(D_VECTORS))
        settings["d_vector_file"] = str(folder / "vectors.json")
    if kind == "numbered speakers":
        torch.save(NUMBERS, folder / "speakers.pth")
        settings["speakers_file"] = str(folder / "speakers.pth")
    return settings


def said_by_coqui(network: Vits, language: str | None, speaker: str | None) -> Samples:
    """Speaks TEXT by coqui's own inference, from the seed."""
    number, vector = network._get_speaker_id_or_dvector(speaker)
    tokens = network.tokenizer.text_to_ids(TEXT, language=language)
    torch.manual_seed(SEED)
    with torch.inference_mode():
        outputs = network.inference(
            torch.tensor([tokens]),
            {
                "x_lengths": None,
                "speaker_ids": number,
                "d_vectors": vector,
                "language_ids": torch.tensor([network._get_language_id(language)]),
                "durations": None,
            },
        )
    samples: Samples = outputs["model_outputs"][0, 0].numpy()
    return samples


@pytest.fixture
async def engines() -> AsyncIterator[list[VitsEngine]]:
    """Engines that are closed at the end."""
    opened: list[VitsEngine] = []
    yield opened
    for engine in opened:
        await engine.aclose()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_checkpoint_speaks_as_with_coqui(
    kind: str, tmp_path: Path, engines: list[VitsEngine]
) -> None:
    settings = write_files(kind, tmp_path)
    network = write_tiny_vits(tmp_path, **settings)
    model = load_checkpoint(tmp_path)
    engine = VitsEngine(model)
    engines.append(engine)
    code = "fr" if "languages" in settings else "en"
    speaker = engine.speaker("bob") if engine.speakers else None

    samples = await speech(engine, Utterance(TEXT, code, speaker, Sampling(seed=SEED)))

    assert engine.sample_rate_hertz == 16_000
    expected = said_by_coqui(network, model.languages[code], speaker.name if speaker else None)
    np.testing.assert_allclose(samples, expected, atol=1e-5)
    assert expected.std() > 0.01


async def test_speakers_differ_and_survive_being_stored(
    tmp_path: Path, engines: list[VitsEngine]
) -> None:
    write_tiny_vits(tmp_path, **KINDS["speakers"])
    engine = VitsEngine(load_checkpoint(tmp_path))
    engines.append(engine)
    ann, bob, nobody = [
        await speech(engine, Utterance(TEXT, "en", speaker))
        for speaker in (
            engine.speaker("ann"), engine.conditioning(engine.speaker("bob").to_bytes()), None
        )
    ]  # fmt: skip

    assert engine.speakers == ("ann", "bob")
    assert not np.array_equal(ann, bob)
    np.testing.assert_array_equal(ann, nobody)
    with pytest.raises(InvalidInputError, match="'eve'"):
        engine.open(Utterance(TEXT, "en", VitsSpeaker("eve")))
    with pytest.raises(InvalidInputError):
        engine.conditioning(b"garbage")


@pytest.mark.parametrize(
    ("kind", "file", "speakers"),
    [
        ("speaker vectors", "vectors.json", ["ann", "bob"]),
        ("numbered speakers", "speakers.pth", ["bob", "ann"]),
    ],
)
def test_files_are_looked_for_beside_the_config_that_names_them(
    kind: str, file: str, speakers: list[str], tmp_path: Path
) -> None:
    write_tiny_vits(tmp_path, **write_files(kind, tmp_path))
    moved = tmp_path.rename(tmp_path.with_name(f"moved-{file}"))

    assert list(load_checkpoint(moved).speakers) == speakers
    assert read_folder(moved).speakers == tuple(speakers)

    (moved / file).unlink()
    for read in (load_checkpoint, read_folder):
        with pytest.raises(InvalidInputError, match=file) as refused:
            read(moved)
        assert refused.value.reason == "MODEL_INCOMPLETE"


def test_a_file_of_speakers_that_is_none_is_refused_and_its_code_not_run(tmp_path: Path) -> None:
    write_tiny_vits(tmp_path, **write_files("numbered speakers", tmp_path))
    trace = tmp_path / "trace"
    contents: tuple[object, ...] = (
        {"ann": PickledCode(trace)}, {}, {"ann": 1}, {"ann": 0, "bob": 0}, {"ann": True}, {7: 0},
        {"ann": 0, "bob": "1"}, ["ann"], torch.zeros(1),
    )  # fmt: skip
    for content in contents:
        torch.save(content, tmp_path / "speakers.pth")
        for read in (load_checkpoint, read_folder):
            with pytest.raises(InvalidInputError, match=r"'speakers\.pth'") as refused:
                read(tmp_path)
            assert refused.value.reason == "CORRUPT_CHECKPOINT"
    assert not trace.exists()


def test_several_speakers_whom_nothing_names_are_refused(tmp_path: Path) -> None:
    write_tiny_vits(tmp_path, **write_files("numbered speakers", tmp_path))
    path = tmp_path / "config.json"
    config = json.loads(path.read_text())
    config["model_args"]["speakers_file"] = None
    path.write_text(json.dumps(config))
    for read in (load_checkpoint, read_folder):
        with pytest.raises(InvalidInputError, match="several speakers") as refused:
            read(tmp_path)
        assert refused.value.reason == "CORRUPT_CHECKPOINT"


def test_what_only_training_needs_is_not_kept(tmp_path: Path) -> None:
    network = write_tiny_vits(tmp_path)
    whole = sum(weight.nbytes for weight in network.parameters())
    assert load_checkpoint(tmp_path).memory_bytes < whole / 2


def test_pickled_code_is_refused_and_not_run(tmp_path: Path) -> None:
    write_tiny_vits(tmp_path)
    trace = tmp_path / "trace"
    torch.save({"model": {}, "extra": PickledCode(trace)}, tmp_path / "model.pth")

    with pytest.raises(InvalidInputError) as refused:
        load_checkpoint(tmp_path)

    assert refused.value.reason == "CORRUPT_CHECKPOINT"
    assert not trace.exists()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"model": "glow_tts"}, "CORRUPT_CHECKPOINT"),
        ({"model_args": {"hidden_channels": 32}}, "CORRUPT_CHECKPOINT"),
        ({"characters": {"characters_class": "os.path"}}, "CORRUPT_CHECKPOINT"),
        ({"model_args": None}, "CORRUPT_CHECKPOINT"),
    ],
)
def test_a_config_that_does_not_fit_is_refused(
    change: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    write_tiny_vits(tmp_path)
    path = tmp_path / "config.json"
    config = json.loads(path.read_text())
    for name, value in change.items():
        config[name] = (config[name] or {}) | value if isinstance(value, dict) else value
    path.write_text(json.dumps(config))

    with pytest.raises(InvalidInputError) as refused:
        load_checkpoint(tmp_path)
    assert refused.value.reason == reason


def test_weights_that_are_broken_or_missing_are_refused(tmp_path: Path) -> None:
    network = write_tiny_vits(tmp_path)
    path = tmp_path / "model.pth"
    weights = network.state_dict()
    weights["text_encoder.emb.weight"][0, 0] = float("nan")
    contents = {
        "cut short": path.read_bytes()[:1000],
        "empty": b"",
    }
    for content in contents.values():
        path.write_bytes(content)
        with pytest.raises(InvalidInputError) as refused:
            load_checkpoint(tmp_path)
        assert refused.value.reason == "CORRUPT_CHECKPOINT"
    torch.save({"model": weights}, path)
    with pytest.raises(InvalidInputError, match="no numbers"):
        load_checkpoint(tmp_path)
    path.unlink()
    with pytest.raises(InvalidInputError) as refused:
        load_checkpoint(tmp_path)
    assert refused.value.reason == "MODEL_INCOMPLETE"
