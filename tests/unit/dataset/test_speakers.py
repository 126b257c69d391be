import numpy as np

from services.dataset.speakers import Voice, strangers


def voice(angle_degrees: float, seconds: float) -> Voice:
    radians = np.deg2rad(angle_degrees)
    return Voice((float(np.cos(radians)), float(np.sin(radians))), seconds)


def test_the_voice_most_speech_agrees_with_is_the_run_s() -> None:
    voices = {"a": voice(0, 100), "b": voice(5, 80), "guest": voice(90, 150)}
    assert set(strangers(voices, 0.6)) == {"guest"}


def test_one_voice_everywhere_has_no_strangers() -> None:
    assert strangers({"a": voice(0, 1), "b": voice(8, 1), "c": voice(-8, 1)}, 0.6) == {}


def test_a_recording_without_an_embedding_is_no_stranger() -> None:
    assert strangers({"a": voice(0, 1), "b": Voice((), 5), "c": voice(3, 1)}, 0.6) == {}


def test_the_similarity_is_reported() -> None:
    found = strangers({"a": voice(0, 10), "b": voice(60, 1)}, 0.6)
    assert abs(found["b"] - 0.5) < 1e-6
