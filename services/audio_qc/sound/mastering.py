"""Mastering: one channel, one sample rate, one loudness, and the measures of the source."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import soundfile

from services.audio_qc.clips import Sound
from services.audio_qc.inference import Models
from services.audio_qc.measures.grading import Measures
from services.audio_qc.measures.survey import Survey, measure, survey
from services.audio_qc.measures.true_peak import TruePeakMeter
from services.audio_qc.pace import Pace
from services.audio_qc.plan import Plan
from services.audio_qc.sound.gain import gain_decibels, speech_loudness
from services.audio_qc.sound.listening import listen
from services.audio_qc.sound.noise_reduction import reducer_for
from services.audio_qc.sound.rendering import render
from services.speech.loudness import LoudnessMeter
from services.speech.regions import SAMPLE_RATE_HERTZ

PROBE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Master:
    """A recording, ready to be cut."""

    sound: Sound
    gain_decibels: float
    speech_lufs: float
    """How loud the speech is after the gain."""
    source: Measures
    """Of the recording as it came."""


def master(path: Path, plan: Plan, models: Models, folder: Path, pace: Pace) -> Master:
    """Renders and measures a recording and finds its gain; the sound lies in `folder`."""
    surveyed = survey(path, pace.part(0.0, 0.2))
    source = grade_source(
        path, surveyed, plan.max_rated_windows, models, folder, pace=pace.part(0.2, 0.5)
    )
    loudness, peak = LoudnessMeter(plan.sample_rate_hertz), TruePeakMeter()
    rendered = render(
        path,
        surveyed.downmix,
        plan.sample_rate_hertz,
        folder,
        pace.part(0.5, 0.9),
        reducer=reducer_for(plan.noise_reduction),
        taps=(loudness.push, peak.push),
    )
    heard = listen(rendered.speech_band, models.vad, pace.part(0.9, 1.0))
    spoken_lufs = speech_loudness(loudness.block_energies(), heard)
    gain = gain_decibels(
        spoken_lufs,
        peak.dbtp,
        target_lufs=plan.target_loudness_lufs,
        ceiling_dbtp=plan.true_peak_ceiling_dbtp,
    )
    sound = Sound(
        rendered=rendered,
        heard=heard,
        gain_ratio=10 ** (gain / 20),
        clipped_counts=surveyed.clipping.frame_counts(),
        source_rate_hertz=surveyed.info.sample_rate_hertz,
    )
    return Master(sound, gain, spoken_lufs + gain, source)


def grade_source(
    path: Path,
    surveyed: Survey,
    max_rated_windows: int,
    models: Models,
    folder: Path,
    *,
    pace: Pace,
) -> Measures:
    """Measures a recording as it came."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        rendered = render(path, surveyed.downmix, SAMPLE_RATE_HERTZ, Path(own), pace.part(0.0, 0.2))
        heard = listen(rendered.speech_band, models.vad, pace.part(0.2, 0.3))
        return measure(
            path,
            surveyed,
            rendered.speech_band,
            heard,
            models.dnsmos,
            pace=pace.part(0.3, 1.0),
            max_rated_windows=max_rated_windows,
        )


def written(sound: Sound, path: Path, pace: Pace) -> Path:
    """Writes the prepared sound as a mono WAV file of 16 bit."""
    count = max(1, len(sound.rendered.sound))
    try:
        with soundfile.SoundFile(path, "w", sound.rate, 1, "PCM_16", format="WAV") as file:
            for piece in sound.pieces():
                pace(file.tell() / count)
                file.write(piece)
    except soundfile.LibsndfileError:
        # It says "System error." and no more: let the system itself say which.
        with path.open("ab") as file:
            file.write(bytes(PROBE_BYTES))
        raise
    return path
