"""Tortoise says what coqui-tts would say, one utterance at a time."""

import shutil
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import soxr
import torch
from numpy.typing import NDArray
from TTS.tts.configs.tortoise_config import TortoiseConfig
from TTS.tts.models.tortoise import Tortoise

from services.chassis.errors import InvalidInputError, UnavailableError
from services.inference.engines.engine import (
    FinishReason,
    Priority,
    ReferenceAudio,
    Sampling,
    Utterance,
    UtteranceStream,
)
from services.inference.engines.tortoise.conditioning import TortoiseConditioning
from services.inference.engines.tortoise.engine import TortoiseEngine
from services.inference.engines.tortoise.loading import LoadedTortoise, load_tortoise
from tests.eventually import eventually
from tests.models.tiny_tortoise import tiny_tortoise_folder

CPU = torch.device("cpu")
SHORT_SECONDS = 0.4
SAMPLING = Sampling(temperature=0.8, top_p=0.8, top_k=50, repetition_penalty=2.0, seed=7)


@pytest.fixture(scope="module")
def coqui() -> Tortoise:
    config = TortoiseConfig()
    config.load_json(tiny_tortoise_folder() / "config.json")
    model = Tortoise(config)
    model.load_checkpoint(config, tiny_tortoise_folder(), eval=True)
    return model


@pytest.fixture(scope="module")
def loaded() -> LoadedTortoise:
    return load_tortoise(tiny_tortoise_folder(), CPU)


@pytest.fixture
async def engine(loaded: LoadedTortoise) -> AsyncIterator[TortoiseEngine]:
    engine = TortoiseEngine(loaded)
    yield engine
    await engine.aclose()


async def test_an_utterance_is_what_coqui_makes_of_it_with_the_same_seed(
    engine: TortoiseEngine, coqui: Tortoise
) -> None:
    voice = await engine.condition([_voice(4.0, 0), _voice(2.0, 1)])
    clips = [
        [torch.from_numpy(soxr.resample(samples, 24_000, rate)[None]) for rate in (22_050, 24_000)]
        for samples in (_speech(4.0, 0), _speech(2.0, 1))
    ]
    latents = coqui.get_conditioning_latents(clips)
    assert torch.allclose(voice.autoregressive, latents[0], atol=1e-5)
    assert torch.allclose(voice.diffusion, latents[1], atol=1e-5)
    for sentence, sampling in (("hello there.", SAMPLING), ("it is late", Sampling(seed=3))):
        expected = coqui.inference(
            sentence,
            conditioning_latents=(voice.autoregressive, voice.diffusion),
            use_deterministic_seed=sampling.seed,
            num_autoregressive_samples=2,
            diffusion_iterations=3,
            temperature=sampling.temperature,
            top_k=sampling.top_k,
            top_p=sampling.top_p,
            repetition_penalty=sampling.repetition_penalty,
            max_mel_tokens=9,
            half=False,
            verbose=False,
        )["wav"]
        utterance = _utterance(voice, sentence, sampling=sampling)
        assert np.array_equal(await _heard(engine.open(utterance)), expected.flatten().numpy())


async def test_others_who_draw_random_numbers_change_nothing(engine: TortoiseEngine) -> None:
    voice = await engine.condition([_voice(2.0, 0)])
    utterance = _utterance(voice, "quite alone")
    alone = await _heard(engine.open(utterance))
    done = threading.Event()

    def draw() -> None:
        while not done.wait(0.001):
            torch.rand(3)

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        together = [await _heard(stream) for stream in map(engine.open, [utterance] * 2)]
    finally:
        done.set()
        thread.join()
    assert all(np.array_equal(alone, samples) for samples in together)


async def test_sentences_of_a_request_draw_noise_of_their_own(engine: TortoiseEngine) -> None:
    voice = await engine.condition([_voice(2.0, 0)])
    first = await _heard(engine.open(_utterance(voice, "again", sentence_index=0)))
    second = await _heard(engine.open(_utterance(voice, "again", sentence_index=1)))
    assert len(first) != len(second) or not np.array_equal(first, second)


async def test_a_closed_stream_makes_room_for_the_next_and_interactive_ones_go_first(
    engine: TortoiseEngine,
) -> None:
    voice = await engine.condition([_voice(2.0, 0)])
    endless = engine.open(_utterance(voice, "a long one", max_seconds=5))
    bulk = engine.open(_utterance(voice, "a bulk one", priority=Priority.BULK))
    urgent = engine.open(_utterance(voice, "an urgent one"))
    await endless.aclose()
    assert len(await _heard(urgent))
    assert bulk.finish_reason is None
    assert len(await _heard(bulk))


async def test_an_utterance_that_reaches_its_limit_says_so(engine: TortoiseEngine) -> None:
    voice = await engine.condition([_voice(2.0, 0)])
    stream = engine.open(_utterance(voice, "cut", max_seconds=0.2))
    assert 0 < len(await _heard(stream)) <= 0.3 * engine.sample_rate_hertz
    assert stream.finish_reason is FinishReason.MAX_LENGTH


async def test_closing_the_engine_ends_whoever_waits(loaded: LoadedTortoise) -> None:
    engine = TortoiseEngine(loaded)
    voice = await engine.condition([_voice(2.0, 0)])
    streams = [engine.open(_utterance(voice, "who waits")) for _ in range(3)]
    await engine.aclose()
    with pytest.raises(UnavailableError):
        await _heard(streams[-1])
    await eventually(lambda: not any(t.name == "tortoise" for t in threading.enumerate()))


async def test_what_it_cannot_speak_is_refused(engine: TortoiseEngine) -> None:
    voice = await engine.condition([_voice(2.0, 0)])
    for utterance, reason in (
        (_utterance(voice, "bonjour", language_code="fr"), "UNSUPPORTED_LANGUAGE"),
        (_utterance(voice, "a" * 1000), "TEXT_TOO_LONG"),
        (_utterance(None, "nobody"), "VOICE_NEEDED"),
        (_utterance(voice, "fast", speed=2.0), "UNSUPPORTED_SPEED"),
    ):
        with pytest.raises(InvalidInputError) as refused:
            engine.open(utterance)
        assert refused.value.reason == reason
    with pytest.raises(InvalidInputError):
        await engine.condition([_voice(0.1, 0)])
    with pytest.raises(InvalidInputError) as refused:
        await _heard(engine.open(_utterance(voice, 190 * "9")))
    assert refused.value.reason == "TEXT_TOO_LONG"
    with pytest.raises(InvalidInputError) as refused:
        engine.speaker("Ana Florence")
    assert refused.value.reason == "UNKNOWN_SPEAKER"


async def test_a_conditioning_survives_its_bytes_and_others_are_refused(
    engine: TortoiseEngine,
) -> None:
    voice = await engine.condition([_voice(2.0, 0)])
    again = engine.conditioning(voice.to_bytes())
    assert torch.equal(again.diffusion, voice.diffusion)
    other = TortoiseConditioning(torch.zeros(1, 1024), torch.zeros(1, 2048))
    for content in (b"", other.to_bytes()):
        with pytest.raises(InvalidInputError) as refused:
            engine.conditioning(content)
        assert refused.value.reason == "INVALID_CONDITIONING"


@pytest.mark.parametrize("name", ["mel_norms.pth", "config.json", "vocoder.pth"])
def test_an_absent_or_broken_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "slow"
    shutil.copytree(tiny_tortoise_folder(), folder, copy_function=_link)
    (folder / name).unlink()
    assert _refusal(folder, name) == "MODEL_INCOMPLETE"
    (folder / name).write_bytes(b"PK nothing")
    assert _refusal(folder, name) == "CORRUPT_CHECKPOINT"


def _link(source: str, target: str) -> None:
    Path(target).symlink_to(source)


def _refusal(folder: Path, named: str) -> str:
    with pytest.raises(InvalidInputError) as refused:
        load_tortoise(folder, CPU)
    assert named in refused.value.message
    return refused.value.reason


def _utterance(
    voice: TortoiseConditioning | None,
    text: str,
    *,
    language_code: str = "en",
    sampling: Sampling = SAMPLING,
    speed: float = 1.0,
    max_seconds: float = SHORT_SECONDS,
    priority: Priority = Priority.INTERACTIVE,
    sentence_index: int = 0,
) -> Utterance:
    return Utterance(
        text,
        language_code,
        conditioning=voice,
        sampling=sampling,
        speed=speed,
        max_seconds=max_seconds,
        priority=priority,
        sentence_index=sentence_index,
    )


async def _heard(stream: UtteranceStream) -> NDArray[np.float32]:
    return np.concatenate([piece.samples async for piece in stream])


def _speech(seconds: float, seed: int) -> NDArray[np.float32]:
    time = np.arange(round(seconds * 24_000)) / 24_000
    return (0.3 * np.sin(2 * np.pi * (150 + 70 * seed) * time)).astype(np.float32)


def _voice(seconds: float, seed: int) -> ReferenceAudio:
    return ReferenceAudio(_speech(seconds, seed), 24_000)
