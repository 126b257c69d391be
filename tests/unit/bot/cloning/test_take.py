"""What one member says, out of what arrives."""

import io
import wave

import numpy as np
import numpy.typing as npt
from discord.opus import Encoder

from bot.cloning.take import RATE_HERTZ, Take

FRAME = 960
WRAP = 1 << 32


def tone_frames(seconds: float, hertz: float = 300.0) -> list[bytes]:
    encoder = Encoder(application="voip", bitrate=64, fec=False, signal_type="voice")
    time = np.arange(round(seconds * RATE_HERTZ)) / RATE_HERTZ
    mono = (0.3 * 32767 * np.sin(2 * np.pi * hertz * time)).astype(np.int16)
    stereo = np.repeat(mono.reshape(-1, FRAME, 1), 2, axis=2)
    return [encoder.encode(frame.tobytes(), FRAME) for frame in stereo]


def heard(take: Take) -> npt.NDArray[np.int16]:
    with wave.open(io.BytesIO(take.wav())) as file:
        assert (file.getnchannels(), file.getframerate()) == (1, RATE_HERTZ)
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def test_frames_are_put_in_order_and_each_counts_once() -> None:
    frames = list(enumerate(tone_frames(1.0)))
    shuffled = Take(30.0)
    for number, frame in frames[::-2] + frames[::2] + frames[::-1]:
        shuffled.add(5000 + number * FRAME, frame)
    straight = Take(30.0)
    for number, frame in frames:
        straight.add(5000 + number * FRAME, frame)
    assert shuffled.seconds == straight.seconds == 1.0
    assert np.array_equal(heard(shuffled), heard(straight))
    assert np.abs(heard(straight)).max() > 5000


def test_a_clock_that_begins_anew_is_no_break() -> None:
    take = Take(30.0)
    for number, frame in enumerate(tone_frames(1.0)):
        take.add((WRAP - 10 * FRAME + number * FRAME) % WRAP, frame)
    assert len(heard(take)) == RATE_HERTZ


def test_a_lost_frame_is_silent_and_a_long_pause_is_cut() -> None:
    first, second, *_ = tone_frames(0.1)
    lossy = Take(30.0)
    lossy.add(0, first)
    lossy.add(2 * FRAME, second)
    assert len(heard(lossy)) == 3 * FRAME
    paused = Take(30.0)
    paused.add(0, first)
    paused.add(600 * RATE_HERTZ, second)
    assert len(heard(paused)) == 2 * FRAME + RATE_HERTZ // 2


def test_no_more_is_taken_than_allowed() -> None:
    take = Take(0.5)
    for number, frame in enumerate(tone_frames(1.0)):
        take.add(number * FRAME, frame)
    assert take.is_full
    assert len(heard(take)) == RATE_HERTZ // 2


def test_forged_times_make_no_longer_recording_than_allowed() -> None:
    take = Take(1.0)
    for number, frame in enumerate(tone_frames(0.5)):
        take.add(number * 600 * RATE_HERTZ, frame)
    assert take.seconds == 0.5
    assert len(heard(take)) == RATE_HERTZ


def test_what_is_no_opus_is_left_out() -> None:
    take = Take(30.0)
    take.add(0, b"")
    take.add(FRAME, b"\xff" * 3)
    take.add(2 * FRAME, tone_frames(0.02)[0])
    assert len(heard(take)) >= FRAME


def test_nothing_is_a_file_without_sound() -> None:
    assert len(heard(Take(30.0))) == 0
