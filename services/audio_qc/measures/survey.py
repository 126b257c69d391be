"""Surveying: what a recording as a whole measures, in three passes over its file."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.audio_qc.measures import dnsmos
from services.audio_qc.measures.bandwidth import SpectrumMeter
from services.audio_qc.measures.dnsmos import Dnsmos, Quality, mean_quality
from services.audio_qc.measures.grading import Measures
from services.audio_qc.measures.true_peak import TruePeakMeter
from services.audio_qc.pace import Pace
from services.audio_qc.sound.channels import ChannelStatistics, Downmix, choose_downmix
from services.audio_qc.sound.listening import FRAME_SECONDS, Heard
from services.audio_qc.sound.sound_on_disk import SoundOnDisk
from services.speech.clipping import ClippingMeter
from services.speech.loudness import LoudnessMeter, integrated_lufs
from services.speech.snr import dbfs_of, noise_power, snr_decibels
from services.speech.windows import AudioInfo, audio_info, blocks

SILENT_LUFS = -120.0
"""Stands for minus infinity, which JSON cannot say."""

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a recording before anybody listens for speech."""

    info: AudioInfo
    downmix: Downmix
    integrated_loudness_lufs: float
    true_peak_dbtp: float
    dc_offset_ratio: float
    """Of the channel whose offset is largest."""
    clipping: ClippingMeter


def survey(path: Path, pace: Pace) -> Survey:
    """Measures the channels of a recording as they are; raises UnreadableAudioError."""
    info = audio_info(path)
    statistics = ChannelStatistics(info.channel_count)
    loudness = LoudnessMeter(info.sample_rate_hertz, info.channel_count)
    peak = TruePeakMeter(info.channel_count)
    for block in blocks(path):
        pace(0.7 * statistics.sample_count / info.sample_count)
        statistics.push(block)
        loudness.push(block)
        peak.push(block)
    clipping = ClippingMeter(statistics.peaks, info.sample_rate_hertz, FRAME_SECONDS)
    for index, block in enumerate(blocks(path)):
        pace(0.7 + 0.3 * index * len(block) / info.sample_count)
        clipping.push(block)
    means = statistics.means()
    return Survey(
        info=info,
        downmix=choose_downmix(statistics),
        integrated_loudness_lufs=max(SILENT_LUFS, integrated_lufs(loudness.block_energies())),
        true_peak_dbtp=max(SILENT_LUFS, peak.dbtp),
        dc_offset_ratio=float(means[np.argmax(np.abs(means))]),
        clipping=clipping,
    )


def measure(
    path: Path,
    surveyed: Survey,
    speech_band: SoundOnDisk,
    heard: Heard,
    rater: Dnsmos,
    *,
    pace: Pace,
    max_rated_windows: int,
) -> Measures:
    """Returns all measures of a recording, given its mono sound at 16 kHz and the speech in it."""
    noise = noise_power(heard.powers, heard.speech)
    duration = surveyed.info.duration_seconds
    bandwidth = _bandwidth(path, surveyed, heard, pace.part(0.0, 0.4))
    rated = _rated(speech_band, heard, rater, max_rated_windows, pace.part(0.4, 1.0))
    return Measures(
        sample_rate_hertz=surveyed.info.sample_rate_hertz,
        duration_seconds=duration,
        snr_decibels=snr_decibels(heard.powers, heard.speech, noise),
        clipped_ratio=surveyed.clipping.ratio,
        speech_ratio=min(1.0, heard.speech_seconds / duration),
        integrated_loudness_lufs=surveyed.integrated_loudness_lufs,
        true_peak_dbtp=surveyed.true_peak_dbtp,
        effective_bandwidth_hertz=bandwidth,
        dc_offset_ratio=surveyed.dc_offset_ratio,
        noise_floor_dbfs=dbfs_of(noise),
        dnsmos_overall=rated.overall if rated else None,
        dnsmos_signal=rated.signal if rated else None,
        dnsmos_background=rated.background if rated else None,
    )


def _bandwidth(path: Path, surveyed: Survey, heard: Heard, pace: Pace) -> float:
    meter = SpectrumMeter(surveyed.info.sample_rate_hertz)
    seen = 0
    for block in blocks(path):
        pace(seen / surveyed.info.sample_count)
        meter.push(surveyed.downmix(block), seen, heard.speech)
        seen += len(block)
    return meter.bandwidth_hertz()


def _rated(
    speech_band: SoundOnDisk, heard: Heard, rater: Dnsmos, max_windows: int, pace: Pace
) -> Quality | None:
    """Rates windows that are full of speech, spread evenly over the recording."""
    if not heard.regions:
        return None
    rated = []
    chosen = windows_of_speech(heard, dnsmos.WINDOW_SAMPLES, max_windows)
    for index, start in enumerate(chosen):
        pace(index / len(chosen))
        rated.append(rater.rate(speech_band.read(start, start + dnsmos.WINDOW_SAMPLES)))
    return mean_quality(rated)


def windows_of_speech(heard: Heard, window_samples: int, max_count: int) -> list[int]:
    """Returns where windows begin, at regions of speech, not overlapping, at most `max_count`."""
    starts: list[int] = []
    for region in heard.regions:
        begin = max(region.start, starts[-1] + window_samples if starts else 0)
        while begin < region.end:
            starts.append(begin)
            begin += window_samples
    if len(starts) <= max_count:
        return starts
    picked = np.linspace(0, len(starts) - 1, max_count).round().astype(int)
    return [starts[index] for index in picked]
