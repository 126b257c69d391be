"""What Prometheus hears of verdicts on texts; counted when a transcript is really verified."""

from collections.abc import Sequence

from prometheus_client import Counter, Histogram

from ttstrainer.transcription.v1 import transcription_service_pb2 as pb

ACCEPTED = "accepted"
REJECTED = "rejected"
REASONS = (
    "CUT_WORD",
    "DISAGREEMENT",
    "EMPTY",
    "HALLUCINATION",
    "LOW_CONFIDENCE",
    "NO_SPEECH",
    "REPETITION",
    "SUBTITLE_MISMATCH",
    "WRONG_LANGUAGE",
)
"""Counted from zero, so that the first rejection is a change that Prometheus sees."""

CLIPS = Counter("ttstrainer_transcription_clips", "Clips whose text was judged.", ["verdict"])
CLIP_SECONDS = Counter(
    "ttstrainer_transcription_clip_seconds",
    "Duration of the clips whose text was judged.",
    ["verdict"],
)
REJECTED_CLIPS = Counter(
    "ttstrainer_transcription_rejected_clips",
    "Clips whose text was rejected, by reason; one with two reasons counts in both.",
    ["reason"],
)
CONFIDENCE = Histogram(
    "ttstrainer_transcription_clip_confidence_ratio",
    "Mean probability of the words of a clip.",
    ["verdict"],
    buckets=(0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1),
)

for _verdict in (ACCEPTED, REJECTED):
    for _metric in (CLIPS, CLIP_SECONDS, CONFIDENCE):
        _metric.labels(_verdict)
for _reason in REASONS:
    REJECTED_CLIPS.labels(_reason)


def count_verdicts(clips: Sequence[pb.ClipTranscript], verdicts: Sequence[pb.ClipVerdict]) -> None:
    """Counts the clips of a transcript that was verified just now, each with its verdict."""
    for clip, judged in zip(clips, verdicts, strict=True):
        verdict = ACCEPTED if judged.accepted else REJECTED
        CLIPS.labels(verdict).inc()
        CLIP_SECONDS.labels(verdict).inc(clip.end_seconds - clip.start_seconds)
        CONFIDENCE.labels(verdict).observe(clip.confidence)
        for code in {reason.code for reason in judged.reasons}:
            REJECTED_CLIPS.labels(code).inc()
