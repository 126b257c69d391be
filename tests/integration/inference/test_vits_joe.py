"""The English voice `joe`: equal to its original, in pieces as at once, and understood."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch

from services.chassis.errors import InvalidInputError
from services.inference.engines.engine import FinishReason, Priority, Samples, Sampling, Utterance
from services.inference.engines.vits import joe
from services.inference.engines.vits.engine import VitsEngine
from services.inference.engines.vits.espeak import phonemes_of
from services.inference.engines.vits.latents import SentenceRequest, latents_of
from services.inference.engines.vits.model import VitsModel
from services.speech.models import model_file
from services.speech.text import corpus_word_error_rate
from tests.listening import heard
from tests.spoken import speech, spoken

SENTENCES = (
    "Good evening, and welcome to the stream.",
    "Could you please tell me where the nearest train station is?",
    "We had bread, butter, cheese and a little honey for breakfast.",
)
HIGHEST_WORD_ERROR_RATE = 0.06


@pytest.fixture(scope="module")
def model() -> VitsModel:
    return joe.load_joe()


@pytest.fixture
async def engine(model: VitsModel) -> AsyncIterator[VitsEngine]:
    engine = VitsEngine(model, slot_count=2)
    yield engine
    await engine.aclose()


def seeded(text: str, seed: int) -> Utterance:
    return Utterance(text, "en", sampling=Sampling(seed=seed))


def at_once(request: SentenceRequest, model: VitsModel) -> Samples:
    """Speaks without cutting the latents into windows."""
    frames = latents_of(request, model).frames
    with torch.inference_mode():
        samples: Samples = model.decoder(frames[0].T, model.voice(None)).numpy()
    return samples


def test_without_noise_it_is_equal_to_its_onnx_original(
    model: VitsModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model.network, "inference_noise_scale", 0.0)
    monkeypatch.setattr(model.network, "inference_noise_scale_dp", 0.0)
    original = onnxruntime.InferenceSession(
        model_file(joe.PACKAGE, joe.WEIGHTS, joe.WEIGHTS_SHA256), providers=["CPUExecutionProvider"]
    )
    for text in SENTENCES:
        tokens = model.tokenize(text, "en-us")
        (expected,) = original.run(
            None,
            {
                "input": np.array([tokens]),
                "input_lengths": np.array([len(tokens)]),
                "scales": np.array([0, 1, 0], dtype=np.float32),
            },
        )

        samples = at_once(SentenceRequest(tokens, "en-us"), model)

        assert samples.shape == expected.squeeze().shape
        assert np.abs(samples - expected.squeeze()).max() < 1e-3
        assert np.abs(samples).max() > 0.1


async def test_the_pieces_of_a_stream_are_equal_to_speech_at_once(
    model: VitsModel, engine: VitsEngine
) -> None:
    tokens = model.tokenize(SENTENCES[2], "en-us")
    whole = at_once(SentenceRequest(tokens, "en-us", noise_seed=11), model)

    pieces = await spoken(engine, seeded(SENTENCES[2], 11))

    lengths = [len(piece) for piece in pieces]
    assert len(lengths) > 2
    assert lengths[:-1] == sorted(lengths[:-1])
    assert lengths[0] < 0.3 * engine.sample_rate_hertz
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=1e-5)


async def test_a_seed_gives_the_same_audio_alone_and_among_others(engine: VitsEngine) -> None:
    wanted = [seeded(text, seed) for seed in range(2) for text in SENTENCES]
    alone = [await speech(engine, utterance) for utterance in wanted]

    mixed = [replace(u, priority=Priority.BULK) if i % 2 else u for i, u in enumerate(wanted)]
    together = await asyncio.gather(*(speech(engine, utterance) for utterance in mixed))

    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)
    assert len({samples.tobytes() for samples in alone}) == len(wanted)


async def test_it_says_what_it_is_given(engine: VitsEngine) -> None:
    texts = [
        heard(await speech(engine, seeded(text, 1)), engine.sample_rate_hertz) for text in SENTENCES
    ]
    rate = corpus_word_error_rate(SENTENCES, texts, language="en")
    assert rate <= HIGHEST_WORD_ERROR_RATE, texts


async def test_speed_makes_speech_shorter(engine: VitsEngine) -> None:
    usual = seeded(SENTENCES[0], 1)
    lengths = [len(await speech(engine, replace(usual, speed=speed))) for speed in (0.5, 1.0, 2.0)]
    assert lengths[0] > 1.2 * lengths[1] > 1.8 * lengths[2]


async def test_speech_ends_at_the_longest_it_may_take(engine: VitsEngine) -> None:
    stream = engine.open(replace(seeded(SENTENCES[2], 1), max_seconds=1.0))
    samples = np.concatenate([piece.samples async for piece in stream])

    assert len(samples) == pytest.approx(engine.sample_rate_hertz, rel=0.02)
    assert stream.finish_reason is FinishReason.MAX_LENGTH


async def test_what_has_no_words_is_refused_and_others_speak_on(engine: VitsEngine) -> None:
    refused, healthy = await asyncio.gather(
        speech(engine, seeded("?!", 1)), speech(engine, seeded("Yes.", 1)), return_exceptions=True
    )
    assert isinstance(refused, InvalidInputError)
    assert refused.reason == "NOTHING_TO_SPEAK"
    assert isinstance(healthy, np.ndarray)


async def test_a_language_or_length_it_does_not_know_is_refused(engine: VitsEngine) -> None:
    with pytest.raises(InvalidInputError, match="'de'"):
        engine.open(Utterance("Hallo.", "de"))
    with pytest.raises(InvalidInputError, match="split"):
        engine.open(Utterance("a" * (engine.max_characters("en") + 1), "en"))
    with pytest.raises(InvalidInputError, match="clone"):
        await engine.condition([])


def test_espeak_phonemes_keep_the_punctuation() -> None:
    assert phonemes_of("Hello, and welcome!", "en-us") == "həlˈoʊ, ænd wˈɛlkʌm!"  # noqa: RUF001
    assert phonemes_of("Well: yes; it is", "en-us") == "wˈɛl: jˈɛs; ɪɾ ˈɪz."  # noqa: RUF001
    assert phonemes_of("--", "en-us") == ""


def test_clauses_that_espeak_sees_otherwise_are_all_spoken() -> None:
    # espeak-ng knows that "U.S." ends no clause.
    assert phonemes_of("The U.S. team won.", "en-us").count("t") == 1
    assert phonemes_of("The U.S. team won.", "en-us").endswith(".")
