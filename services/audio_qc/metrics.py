"""What Prometheus hears of the quality of clips; counted when a recording is really prepared."""

from collections.abc import Iterable

from prometheus_client import Counter, Histogram

from services.audio_qc.clips import Clip

ACCEPTED = "accepted"
REJECTED = "rejected"
REASONS = (
    "CLIPPED",
    "DC_OFFSET",
    "LITTLE_SPEECH",
    "LOW_BANDWIDTH",
    "LOW_QUALITY",
    "LOW_SAMPLE_RATE",
    "LOW_SNR",
    "MIXED_SPEAKERS",
    "MUSIC",
    "NO_SPEECH",
    "OTHER_SPEAKER",
    "OVERLAP",
    "REFERENCE_NOT_FOUND",
    "SPEAKER_UNCERTAIN",
    "TOO_QUIET",
    "TOO_SHORT",
)
"""Counted from zero, so that the first rejection is a change that Prometheus sees."""

CLIPS = Counter("ttstrainer_audio_qc_clips", "Clips that were graded.", ["verdict"])
CLIP_SECONDS = Counter(
    "ttstrainer_audio_qc_clip_seconds", "Duration of the clips that were graded.", ["verdict"]
)
REJECTED_CLIPS = Counter(
    "ttstrainer_audio_qc_rejected_clips",
    "Clips that were rejected, by reason; one with two reasons counts in both.",
    ["reason"],
)
SNR = Histogram(
    "ttstrainer_audio_qc_clip_snr_decibels",
    "Signal-to-noise ratio of clips.",
    ["verdict"],
    buckets=(0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 60, 80),
)
DNSMOS = Histogram(
    "ttstrainer_audio_qc_clip_dnsmos_score",
    "Overall quality of clips as DNSMOS P.835 predicts it, 1 to 5; bad sound is not rated.",
    ["verdict"],
    buckets=(1.5, 2, 2.25, 2.5, 2.75, 3, 3.25, 3.5, 3.75, 4, 4.25, 4.5, 5),
)

for _verdict in (ACCEPTED, REJECTED):
    for _metric in (CLIPS, CLIP_SECONDS, SNR, DNSMOS):
        _metric.labels(_verdict)
for _reason in REASONS:
    REJECTED_CLIPS.labels(_reason)


def count_clips(clips: Iterable[Clip]) -> None:
    """Counts the clips of a recording that was prepared just now."""
    for clip in clips:
        verdict = REJECTED if clip.reasons else ACCEPTED
        CLIPS.labels(verdict).inc()
        CLIP_SECONDS.labels(verdict).inc(clip.measures.duration_seconds)
        SNR.labels(verdict).observe(clip.measures.snr_decibels)
        if clip.measures.dnsmos_overall is not None:
            DNSMOS.labels(verdict).observe(clip.measures.dnsmos_overall)
        for code in {reason.code for reason in clip.reasons}:
            REJECTED_CLIPS.labels(code).inc()
