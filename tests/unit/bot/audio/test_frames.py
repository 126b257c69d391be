"""Speech as frames of 20 ms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audio.frames import FRAME_BYTES, SAMPLE_RATE_HERTZ, Framer

DITHER = 3


def sine(rate_hertz: int, seconds: float, hertz: float = 440.0) -> bytes:
    times = np.arange(round(rate_hertz * seconds)) / rate_hertz
    return (16_000 * np.sin(2 * np.pi * hertz * times)).astype("<i2").tobytes()


def framed(samples: bytes, rate_hertz: int, chunk_bytes: int) -> list[bytes]:
    framer = Framer(rate_hertz)
    chunks = range(0, len(samples), chunk_bytes)
    frames = [frame for at in chunks for frame in framer.feed(samples[at : at + chunk_bytes])]
    return frames + framer.finish()


@pytest.mark.parametrize("rate_hertz", [8_000, 16_000, 22_050, 24_000, 44_100, 48_000])
def test_speech_keeps_its_length_and_pitch_at_any_rate(rate_hertz: int) -> None:
    frames = framed(sine(rate_hertz, 1.0), rate_hertz, 3_000)
    assert {len(frame) for frame in frames} == {FRAME_BYTES}
    sound = np.frombuffer(b"".join(frames), "<i2").astype(float)
    assert abs(sound.size - SAMPLE_RATE_HERTZ) <= FRAME_BYTES // 2
    spectrum = np.abs(np.fft.rfft(sound[:SAMPLE_RATE_HERTZ]))
    assert np.argmax(spectrum) == pytest.approx(440, abs=1)
    assert np.sqrt(np.mean(sound[:47_000] ** 2)) == pytest.approx(16_000 / np.sqrt(2), rel=0.03)


@given(st.lists(st.integers(0, 900), max_size=12))
def test_how_speech_was_cut_into_chunks_cannot_be_heard(cuts: list[int]) -> None:
    samples = sine(24_000, 0.1)
    framer, at, frames = Framer(24_000), 0, list[bytes]()
    for cut in cuts:
        frames += framer.feed(samples[at : at + 2 * cut])
        at += 2 * cut
    frames += framer.feed(samples[at:]) + framer.finish()
    heard = np.frombuffer(b"".join(frames), "<i2").astype(int)
    in_one = np.frombuffer(b"".join(framed(samples, 24_000, len(samples))), "<i2").astype(int)
    assert heard.size == in_one.size
    assert np.abs(heard - in_one).max() <= DITHER


@pytest.mark.parametrize("rate_hertz", [22_050, 24_000])
def test_no_more_than_11_ms_of_speech_are_held_back_at_any_time(rate_hertz: int) -> None:
    framer, samples, step = Framer(rate_hertz), sine(rate_hertz, 2.0), 2 * rate_hertz // 50
    frame_count = 0
    for at in range(0, len(samples), step):
        frame_count += len(framer.feed(samples[at : at + step]))
        given_seconds = min(at + step, len(samples)) / 2 / rate_hertz
        assert given_seconds - 0.02 * frame_count < 0.011 + 0.02


def test_what_does_not_fill_a_frame_is_filled_up_with_silence() -> None:
    (frame,) = framed(sine(48_000, 0.005), 48_000, 10_000)
    assert len(frame) == FRAME_BYTES
    assert frame[480:] == bytes(FRAME_BYTES - 480)
    assert any(frame[:480])


def test_nothing_makes_no_frames() -> None:
    assert framed(b"", 24_000, 100) == []
    assert framed(b"", 48_000, 100) == []
