"""The windowed vocoder makes what coqui-tts makes of all latents at once."""

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
import torch
from torch.nn import functional
from TTS.tts.layers.xtts.hifigan_decoder import HifiDecoder

from services.inference.engines.engine import Samples
from services.inference.engines.xtts.vocoder import Vocoder

CHANNELS = 48
CPU = torch.device("cpu")


@cache
def the_decoder() -> HifiDecoder:
    """XTTS's layers, kernels, strides and dilations, with fewer channels."""
    with torch.random.fork_rng():
        torch.manual_seed(4)
        decoder = HifiDecoder(decoder_input_dim=CHANNELS, upsample_initial_channel_decoder=16)
    for parameter in decoder.waveform_decoder.parameters():
        parameter.data.mul_(1.3)  # so that the samples are not all near zero
    return decoder.eval()


@cache
def the_vocoder(dtype: torch.dtype = torch.float32) -> Vocoder:
    return Vocoder(the_decoder(), dtype, CPU)


@cache
def the_speaker() -> torch.Tensor:
    return torch.randn(512, generator=torch.Generator().manual_seed(1))


@cache
def latents(count: int) -> torch.Tensor:
    return torch.randn(count, CHANNELS, generator=torch.Generator().manual_seed(count))


@cache
def decoded_at_once(count: int, speed: float = 1.0) -> Samples:
    """As `Xtts.inference` does."""
    stretched = latents(count)[None].transpose(1, 2)
    if speed != 1.0:
        stretched = functional.interpolate(stretched, scale_factor=1 / speed, mode="linear")
    with torch.no_grad():
        samples = the_decoder()(stretched.transpose(1, 2), g=the_speaker()[None, :, None])
    found: Samples = samples.flatten().numpy()
    return found


def pieces(
    count: int, chunk: int, *, speed: float = 1.0, dtype: torch.dtype = torch.float32
) -> Iterator[Samples]:
    stream = the_vocoder(dtype).open(the_speaker(), speed)
    for start in range(0, count, chunk):
        part = latents(count)[start : start + chunk]
        yield stream.push(part, last=start + chunk >= count)


def in_pieces(count: int, chunk: int, speed: float = 1.0) -> Samples:
    return np.concatenate(list(pieces(count, chunk, speed=speed)))


def largest_difference(one: Samples, other: Samples) -> float:
    assert one.shape == other.shape
    return float(np.abs(one - other).max())


@pytest.mark.parametrize("chunk", range(1, 41))
def test_any_chunk_size_gives_the_samples_of_a_full_decode(chunk: int) -> None:
    assert np.abs(decoded_at_once(64)).max() > 0.05
    assert largest_difference(in_pieces(64, chunk), decoded_at_once(64)) < 1e-5


def test_so_it_does_for_the_longest_utterance() -> None:
    assert largest_difference(in_pieces(602, 33), decoded_at_once(602)) < 1e-5


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_so_it_does_for_the_shortest_utterances(count: int) -> None:
    assert largest_difference(in_pieces(count, 8), decoded_at_once(count)) < 1e-5
    assert largest_difference(in_pieces(count, 1), decoded_at_once(count)) < 1e-5


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.25, 2.0])
@pytest.mark.parametrize("chunk", [3, 33])
def test_so_it_does_at_any_speed(chunk: int, speed: float) -> None:
    expected = decoded_at_once(50, speed)
    assert largest_difference(in_pieces(50, chunk, speed), expected) < 1e-5


def test_the_last_latents_may_have_come_before_the_end_is_known() -> None:
    stream = the_vocoder().open(the_speaker())
    first = stream.push(latents(20))
    rest = stream.push(torch.zeros(0, CHANNELS), last=True)

    assert largest_difference(np.concatenate([first, rest]), decoded_at_once(20)) < 1e-5


def test_eight_tokens_are_enough_for_a_fifth_of_a_second() -> None:
    first = next(pieces(90, 8))

    assert len(first) / 24_000 > 0.2


def test_it_looks_as_far_as_the_gradient_reaches() -> None:
    frames = torch.zeros(1, CHANNELS, 61, requires_grad=True)
    samples = the_decoder().waveform_decoder(frames, g=the_speaker()[None, :, None])
    samples[0, 0, 30 * 256 : 31 * 256].sum().backward()
    assert frames.grad is not None
    touched = frames.grad.abs().sum((0, 1)).nonzero().flatten()

    assert 30 - int(touched.min()) == the_vocoder().generator.reach_frames == 13
    assert int(touched.max()) - 30 == the_vocoder().generator.reach_frames


def test_it_keeps_no_more_latents_than_the_next_window_needs() -> None:
    stream = the_vocoder().open(the_speaker())
    kept = []
    for start in range(0, 200, 8):
        stream.push(latents(200)[start : start + 8])
        assert stream._latents is not None
        kept.append(len(stream._latents))

    assert max(kept) <= 17
    assert kept[-1] <= 17


def test_bfloat16_stays_near_single_precision() -> None:
    expected = decoded_at_once(90)
    halves = np.concatenate(list(pieces(90, 20, dtype=torch.bfloat16)))

    assert np.linalg.norm(halves - expected) < 0.05 * np.linalg.norm(expected)
