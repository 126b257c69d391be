"""What is loaded from an XTTS folder is what coqui-tts would have, and broken folders say why."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from TTS.tts.models.xtts import Xtts

from services.chassis.errors import InvalidInputError
from services.inference.engines.engine import ReferenceAudio
from services.inference.engines.xtts.engine import XttsEngine
from services.inference.engines.xtts.loading.conditioning import XttsConditioning
from services.inference.engines.xtts.loading.loaded_xtts import LoadedXtts, load_xtts
from services.inference.engines.xtts.options import XttsOptions
from tests.models.coqui_xtts import coqui_xtts
from tests.models.tiny_xtts import tiny_xtts_folder

RATE_HERTZ = 22_050
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def coqui() -> Xtts:
    return coqui_xtts(tiny_xtts_folder())


@pytest.fixture(scope="module")
def loaded() -> LoadedXtts:
    return load_xtts(tiny_xtts_folder(), CPU)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of the tiny model, linked: `_replaced` them before writing."""
    linked = tmp_path / "my-voice"
    shutil.copytree(tiny_xtts_folder(), linked, copy_function=os.symlink)
    return linked


def test_the_weights_are_those_of_the_file(loaded: LoadedXtts, coqui: Xtts) -> None:
    ours = loaded.gpt.state_dict() | loaded.vocoder.state_dict()
    theirs = coqui.gpt.state_dict() | coqui.hifigan_decoder.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(weight, theirs[name]) for name, weight in ours.items())
    assert not loaded.gpt.training
    assert not any(parameter.requires_grad for parameter in loaded.gpt.parameters())


async def test_an_engine_keeps_no_file_of_its_model_open_so_that_any_may_be_replaced(
    folder: Path,
) -> None:
    shutil.copyfile(tiny_xtts_folder() / "model.pth", _replaced(folder / "model.pth"))
    engine = XttsEngine.load(folder, XttsOptions(device="cpu"))
    try:
        assert str(folder) not in Path("/proc/self/maps").read_text()
    finally:
        await engine.aclose()


@pytest.mark.parametrize(
    ("text", "language_code", "coqui_language"),
    [
        ("  Hello World, how ARE you?  ", "en", "en"),
        ("Mr. Smith paid $20 for 3 cakes.", "en", "en"),
        ("Il est 5 heures; ça va?", "fr", "fr"),
        ("Größe 12, bitte.", "de", "de"),
        ("Съешь же ещё этих булок.", "ru", "ru"),
        ("Köşede İki Üzüm İstanbul'da.", "tr", "tr"),
        ("안녕하세요 세계", "ko", "ko"),
    ],
)
def test_tokens_are_those_of_coqui(
    loaded: LoadedXtts, coqui: Xtts, text: str, language_code: str, coqui_language: str
) -> None:
    expected = coqui.tokenizer.encode(text.strip().lower(), lang=coqui_language)
    assert loaded.tokenize(text, language_code) == expected
    assert loaded.max_characters(language_code) == coqui.tokenizer.char_limits[coqui_language]


def test_a_sentence_of_too_many_tokens_is_refused(loaded: LoadedXtts) -> None:
    with pytest.raises(InvalidInputError) as refused:
        loaded.tokenize("xyzzy " * 200, "en")
    assert refused.value.reason == "TEXT_TOO_LONG"


@pytest.mark.parametrize(
    "language_code", ["en", "es", "it", "pt", "pl", "tr", "ru", "cs", "ko", "hi"]
)
def test_a_number_that_no_language_has_a_name_for_is_refused(
    loaded: LoadedXtts, language_code: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        loaded.tokenize("it costs " + 400 * "9", language_code)
    assert refused.value.reason == "UNREADABLE_TEXT"


def test_languages_are_bcp47_and_only_those_that_can_be_read_here(loaded: LoadedXtts) -> None:
    assert {"en", "de", "hi", "ko"} <= loaded.language_codes
    assert "zh-cn" not in loaded.language_codes
    for code in ("zh-CN", "ja"):
        if code in loaded.language_codes:
            assert loaded.tokenize("你好", code)
        else:
            with pytest.raises(InvalidInputError) as refused:
                loaded.tokenize("你好", code)
            assert refused.value.reason == "UNSUPPORTED_LANGUAGE"


@pytest.mark.parametrize("seconds", [[3.0], [13.7], [2.0, 31.0, 0.5]])
def test_a_voice_is_conditioned_as_coqui_does(
    loaded: LoadedXtts, coqui: Xtts, tmp_path: Path, seconds: list[float]
) -> None:
    references = [_voice(length, seed) for seed, length in enumerate(seconds)]
    paths = []
    for index, reference in enumerate(references):
        paths.append(tmp_path / f"{index}.wav")
        soundfile.write(paths[-1], reference.samples, RATE_HERTZ, subtype="FLOAT")
    config = coqui.config
    latents, embedding = coqui.get_conditioning_latents(
        paths,
        max_ref_length=config.max_ref_len,
        gpt_cond_len=config.gpt_cond_len,
        gpt_cond_chunk_len=config.gpt_cond_chunk_len,
    )
    ours = loaded.condition(references)
    assert ours.gpt_latents.shape == latents[0].shape
    assert torch.allclose(ours.gpt_latents, latents[0], atol=1e-5, rtol=0)
    assert torch.allclose(ours.speaker_embedding, embedding[0], atol=1e-5, rtol=0)


def test_references_of_another_rate_give_nearly_the_same_voice(loaded: LoadedXtts) -> None:
    time = np.arange(6 * 48_000) / 48_000
    tone = np.sin(2 * np.pi * 180 * time) * (0.3 + 0.2 * np.sin(2 * np.pi * 3 * time))
    fine = ReferenceAudio(tone.astype(np.float32), 48_000)
    coarse = ReferenceAudio(tone[::2].astype(np.float32), 24_000)
    one, other = loaded.condition([fine]), loaded.condition([coarse])
    similarity = torch.cosine_similarity(one.speaker_embedding, other.speaker_embedding, dim=0)
    assert similarity.item() > 0.99


def test_a_reference_of_a_third_of_a_second_is_refused(loaded: LoadedXtts) -> None:
    with pytest.raises(InvalidInputError) as refused:
        loaded.condition([_voice(5.0, 0), _voice(0.3, 1)])
    assert refused.value.reason == "REFERENCE_TOO_SHORT"
    with pytest.raises(InvalidInputError):
        loaded.condition([])


def test_a_conditioning_survives_its_bytes_and_others_are_refused(loaded: LoadedXtts) -> None:
    made = loaded.condition([_voice(3.0, 0)])
    again = loaded.conditioning(made.to_bytes())
    assert torch.equal(again.gpt_latents, made.gpt_latents)
    assert torch.equal(again.speaker_embedding, made.speaker_embedding)
    wide = XttsConditioning(torch.zeros(32, 1024), made.speaker_embedding)
    broken = XttsConditioning(made.gpt_latents * torch.nan, made.speaker_embedding)
    for content in (b"", made.to_bytes()[:-5], wide.to_bytes(), broken.to_bytes()):
        with pytest.raises(InvalidInputError) as refused:
            loaded.conditioning(content)
        assert refused.value.reason == "INVALID_CONDITIONING"


@pytest.mark.parametrize("name", ["config.json", "model.pth", "vocab.json"])
def test_an_absent_or_broken_file_is_refused_by_name(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    for broken in (content[: len(content) // 2], b"", b"\x80\x02]q\x00."):
        _replaced(folder / name).write_bytes(broken)
        assert _refusal(folder, name) == "CORRUPT_CHECKPOINT"
    (folder / name).unlink()
    assert _refusal(folder, name) == "MODEL_INCOMPLETE"


class Bomb:
    """Runs a program when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self._trace}",)


@pytest.mark.parametrize("zipped", [True, False])
def test_code_in_a_checkpoint_is_refused_and_not_run(
    folder: Path, tmp_path: Path, *, zipped: bool
) -> None:
    trace = tmp_path / "ran"
    content = {"model": {}, "config": Bomb(trace)}
    torch.save(content, _replaced(folder / "model.pth"), _use_new_zipfile_serialization=zipped)
    assert _refusal(folder, "model.pth") == "CORRUPT_CHECKPOINT"
    assert not trace.exists()


def test_a_checkpoint_of_coquis_trainer_or_of_old_with_config_objects_loads(
    folder: Path, loaded: LoadedXtts, coqui: Xtts
) -> None:
    weights = {f"xtts.{name}": weight.half() for name, weight in coqui.state_dict().items()}
    weights |= {"dvae.codebook": torch.zeros(3), "torch_mel_spectrogram_dvae.mel": torch.zeros(3)}
    weights["xtts.gpt.gpt.h.0.attn.bias"] = torch.ones(1)
    for name in [name for name in weights if ".parametrizations.weight.original" in name]:
        old = name.replace(".parametrizations.weight.original0", ".weight_g")
        old = old.replace(".parametrizations.weight.original1", ".weight_v")
        weights[old] = weights.pop(name)
    torch.save(
        {"model": weights, "config": coqui.config, "step": 3}, _replaced(folder / "model.pth")
    )
    again = load_xtts(folder, CPU)
    assert again.gpt.mel_head.weight.dtype == torch.float32
    assert torch.allclose(again.gpt.mel_head.weight, loaded.gpt.mel_head.weight, atol=1e-3)
    ours, theirs = (model.vocoder.waveform_decoder.ups[0].weight for model in (again, loaded))
    assert torch.allclose(ours, theirs, atol=1e-3)


@pytest.mark.parametrize(
    ("field", "value"),
    [("gpt_layers", 1_000_000), ("gpt_n_model_channels", 128), ("gpt_max_audio_tokens", 7)],
)
def test_weights_of_another_size_than_the_config_says_are_refused(
    folder: Path, field: str, value: int
) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["model_args"][field] = value
    _replaced(folder / "config.json").write_text(json.dumps(config))
    assert _refusal(folder, "model.pth") == "CORRUPT_CHECKPOINT"


def test_weights_of_something_else_are_refused(folder: Path) -> None:
    torch.save({"model": {"encoder.weight": torch.zeros(3)}}, _replaced(folder / "model.pth"))
    assert _refusal(folder, "model.pth") == "CORRUPT_CHECKPOINT"
    torch.save(torch.zeros(3), _replaced(folder / "model.pth"))
    assert _refusal(folder, "model.pth") == "CORRUPT_CHECKPOINT"


def test_a_folder_of_another_family_is_refused(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text()) | {"model": "vits"}
    _replaced(folder / "config.json").write_text(json.dumps(config))
    assert _refusal(folder, "my-voice") == "UNSUPPORTED_MODEL"


def _replaced(path: Path) -> Path:
    path.unlink(missing_ok=True)
    return path


def _refusal(folder: Path, named: str) -> str:
    with pytest.raises(InvalidInputError) as refused:
        load_xtts(folder, CPU)
    assert named in refused.value.message
    assert str(folder.parent) not in refused.value.message
    return refused.value.reason


def _voice(seconds: float, seed: int) -> ReferenceAudio:
    noise = np.random.default_rng(seed).standard_normal(round(seconds * RATE_HERTZ))
    tone = np.sin(2 * np.pi * (120 + 60 * seed) * np.arange(len(noise)) / RATE_HERTZ)
    return ReferenceAudio((0.3 * tone + 0.05 * noise).astype(np.float32), RATE_HERTZ)
