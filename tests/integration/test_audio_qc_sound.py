"""What bad sound is kept out of, on real recorded speech with the real models."""

import re
import subprocess
import threading
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import soxr

from services.audio_qc.inference import Models
from services.audio_qc.measures.true_peak import TruePeakMeter
from services.audio_qc.pace import Pace, StoppedError, unreported
from services.audio_qc.planning import plan_of
from services.audio_qc.preparation import Prepared, prepare
from services.audio_qc.settings import AudioQcSettings
from services.audio_qc.sound.sound_events import music_frames
from services.audio_qc.sound.sound_on_disk import kept
from services.speech.loudness import LoudnessMeter, integrated_lufs
from services.speech.windows import blocks
from tests import speech
from tests.speech import Samples
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as pb

SETTINGS = AudioQcSettings(store_url="file:///unused")
PROMPT_COUNT = 100


@pytest.fixture(scope="module")
def models() -> Models:
    return Models()


@pytest.fixture(scope="module")
def talk() -> Samples:
    """About half a minute of clean speech, 16 kHz."""
    return speech.talk([path for path, _ in speech.prompts(min_seconds=3)[:6]])


def prepared(
    samples: Samples, models: Models, folder: Path, rate: int = 16_000, **wishes: int
) -> Prepared:
    plan = plan_of(pb.PrepareAudioRequest(**wishes), SETTINGS)  # type: ignore[arg-type]
    path = speech.save(folder / "sound.flac", samples, rate)
    return prepare(path, plan, models, folder, pace=Pace(unreported))


def outcome(found: Prepared) -> set[str]:
    """Returns the reasons of all clips, with "" for an accepted clip."""
    return {reason.code for clip in found.clips for reason in clip.reasons} | (
        {""} if any(not clip.reasons for clip in found.clips) else set()
    )


def noisy(samples: Samples, snr_decibels: float) -> Samples:
    loud = samples[np.abs(samples) > 0.01]
    level = speech.rms(loud) * 10 ** (-snr_decibels / 20)
    added = speech.noise(len(samples) / 16_000, rms=level)
    return np.asarray(0.5 * (samples + added[: len(samples)]), np.float32)


def upsampled(samples: Samples, channel_hertz: int) -> Samples:
    narrow = soxr.resample(samples, 16_000, channel_hertz, quality="VHQ")
    return np.asarray(soxr.resample(narrow, channel_hertz, 48_000, quality="VHQ"), np.float32)


def test_clean_speech_is_accepted(models: Models, talk: Samples, tmp_path: Path) -> None:
    assert outcome(prepared(talk, models, tmp_path)) == {""}


def test_speech_in_loud_noise_is_rejected(models: Models, talk: Samples, tmp_path: Path) -> None:
    found = prepared(noisy(talk, 5), models, tmp_path)
    assert outcome(found) == {"LOW_SNR"}
    assert found.source.snr_decibels == pytest.approx(5, abs=3)


def test_clipped_speech_is_rejected(models: Models, talk: Samples, tmp_path: Path) -> None:
    cut = np.clip(4 * talk, -0.7, 0.7)
    assert outcome(prepared(cut, models, tmp_path)) == {"CLIPPED"}


def test_telephone_sound_is_rejected_whatever_its_file_says(
    models: Models, talk: Samples, tmp_path: Path
) -> None:
    found = prepared(upsampled(talk, 8_000), models, tmp_path, 48_000)
    assert outcome(found) == {"LOW_BANDWIDTH"}
    assert found.source.effective_bandwidth_hertz == pytest.approx(4_000, abs=250)


def test_wide_band_speech_in_a_48_khz_file_is_accepted(
    models: Models, talk: Samples, tmp_path: Path
) -> None:
    found = prepared(upsampled(talk, 16_000), models, tmp_path, 48_000)
    assert outcome(found) == {""}
    assert found.source.effective_bandwidth_hertz == pytest.approx(8_000, abs=500)


@pytest.mark.parametrize("reduction", [pb.NOISE_REDUCTION_SPECTRAL, pb.NOISE_REDUCTION_NEURAL])
def test_noise_reduction_makes_noisy_speech_usable(
    models: Models, talk: Samples, tmp_path: Path, reduction: int
) -> None:
    sound = noisy(talk, 10)[: 20 * 16_000]
    assert outcome(prepared(sound, models, tmp_path)) == {"LOW_SNR"}
    found = prepared(sound, models, tmp_path, noise_reduction=reduction)
    assert "" in outcome(found)
    assert found.source.snr_decibels == pytest.approx(10, abs=3)
    assert found.sample_count == pytest.approx(len(sound) * 1.5, abs=2)


def test_the_prepared_file_has_the_loudness_and_no_peak_above_the_ceiling(
    models: Models, talk: Samples, tmp_path: Path
) -> None:
    quiet = np.asarray(0.05 * talk, np.float32)
    found = prepared(quiet, models, tmp_path, target_loudness_lufs=-10)
    peak = TruePeakMeter()
    for block in blocks(found.wav):
        peak.push(block)
    assert peak.dbtp == pytest.approx(-1, abs=0.05)
    calm = prepared(quiet, models, tmp_path, target_loudness_lufs=-26)
    loud = [clip.measures.integrated_loudness_lufs for clip in calm.clips]
    assert np.mean(loud) == pytest.approx(-26, abs=1)


def chords(seconds: float, seed: int) -> Samples:
    """Returns chords of plucked tones with six harmonics each, a new one every second."""
    generator = np.random.default_rng(seed)
    time_ = np.arange(16_000) / 16_000
    bars = []
    for _ in range(int(seconds) + 1):
        roots = 262 * 2 ** ((generator.integers(-5, 7) + np.array([0, 4, 7])) / 12)
        waves = [
            np.sin(2 * np.pi * root * harmonic * time_) / harmonic**1.3
            for root in roots
            for harmonic in range(1, 7)
        ]
        bars.append(np.sum(waves, axis=0) * (0.3 + 0.7 * np.exp(-3 * (2 * time_ % 1))))
    played = np.concatenate(bars)[: round(seconds * 16_000)]
    return np.asarray(0.3 * played / np.abs(played).max(), np.float32)


def music_share(samples: Samples, models: Models, folder: Path) -> float:
    sound = kept(folder / "sound.f32", [samples])
    frames = len(samples) // 512
    return float(music_frames(sound, frames, models.events, Pace(unreported)).mean())


def test_music_is_noticed(models: Models, tmp_path: Path) -> None:
    assert min(music_share(chords(8, seed), models, tmp_path) for seed in range(5)) > 0.9


@pytest.mark.parametrize("above_decibels", [0, 5, 10])
def test_music_beneath_speech_is_noticed(
    models: Models, tmp_path: Path, above_decibels: int
) -> None:
    for seed, (path, _) in enumerate(speech.prompts(min_seconds=3)[:15]):
        spoken = speech.load(path)
        played = chords(len(spoken) / 16_000, seed)[: len(spoken)]
        level = speech.rms(spoken) / speech.rms(played) * 10 ** (-above_decibels / 20)
        mixed = np.asarray(0.5 * (spoken + level * played), np.float32)
        assert music_share(mixed, models, tmp_path) > SETTINGS.max_music_ratio


def test_speech_is_not_taken_for_music(models: Models, tmp_path: Path) -> None:
    shares = [
        music_share(speech.load(path), models, tmp_path)
        for language in ("en", "it")
        for path, _ in islice(speech.prompts(language), PROMPT_COUNT // 2)
    ]
    assert len(shares) == PROMPT_COUNT
    assert sum(share > SETTINGS.max_music_ratio for share in shares) < 0.02 * PROMPT_COUNT


def test_music_beneath_a_talk_rejects_its_clips(
    models: Models, talk: Samples, tmp_path: Path
) -> None:
    played = chords(len(talk) / 16_000, 3)[: len(talk)]
    mixed = np.asarray(0.5 * (talk + 0.5 * played), np.float32)
    found = prepared(mixed, models, tmp_path)
    assert outcome(found) >= {"MUSIC"}
    assert "" not in outcome(found)


def test_ffmpeg_measures_the_same_loudness_and_peak(talk: Samples, tmp_path: Path) -> None:
    path = speech.save(tmp_path / "talk.wav", upsampled(talk, 16_000), 48_000)
    loudness, peak = LoudnessMeter(48_000), TruePeakMeter()
    for block in blocks(path):
        loudness.push(block)
        peak.push(block)
    command = ["ffmpeg", "-hide_banner", "-nostdin", "-i", str(path)]
    command += ["-af", "ebur128=peak=true", "-f", "null", "-"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    summary = said[said.rindex("Summary:") :]
    measured = {
        name: float(value)
        for name, value in re.findall(r"(I|Peak):\s+(-?[\d.]+) (?:LUFS|dBFS)", summary)
    }
    assert integrated_lufs(loudness.block_energies()) == pytest.approx(measured["I"], abs=0.1)
    assert peak.dbtp == pytest.approx(measured["Peak"], abs=0.2)


def test_a_preparation_stops_in_the_middle_when_asked(
    models: Models, talk: Samples, tmp_path: Path
) -> None:
    stopped = threading.Event()
    reached: list[float] = []

    def stop(fraction: float) -> None:
        reached.append(fraction)
        if fraction > 0.3:
            stopped.set()

    path = speech.save(tmp_path / "sound.flac", talk)
    plan = plan_of(pb.PrepareAudioRequest(), SETTINGS)
    with pytest.raises(StoppedError):
        prepare(path, plan, models, tmp_path, pace=Pace(stop, stopped))
    assert max(reached[:-1]) <= 0.3
