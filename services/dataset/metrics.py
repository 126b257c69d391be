"""What Prometheus hears of curation; counted when clips are really curated."""

from collections.abc import Iterable

from prometheus_client import Counter

from services.dataset.candidate import Candidate

ACCEPTED = "accepted"
REJECTED = "rejected"
STAGES = frozenset({"dataset", "review"})
"""What earlier stages rejected is counted there."""
REASONS = (
    "DUPLICATE",
    "LOW_CONFIDENCE",
    "LOW_DNSMOS",
    "LOW_SNR",
    "NO_TEXT",
    "OTHER_SPEAKER_RECORDING",
    "REVIEWED",
    "SPEECH_RATE",
    "TEXT_TOO_LONG",
    "UNSPEAKABLE",
)
"""Counted from zero, so that the first rejection is a change that Prometheus sees."""

CLIPS = Counter("ttstrainer_dataset_clips", "Clips that curation judged.", ["verdict"])
CLIP_SECONDS = Counter(
    "ttstrainer_dataset_clip_seconds", "Duration of the clips that curation judged.", ["verdict"]
)
REJECTED_CLIPS = Counter(
    "ttstrainer_dataset_rejected_clips",
    "Clips that curation rejected, by reason; one with two reasons counts in both.",
    ["reason"],
)

for _verdict in (ACCEPTED, REJECTED):
    for _metric in (CLIPS, CLIP_SECONDS):
        _metric.labels(_verdict)
for _reason in REASONS:
    REJECTED_CLIPS.labels(_reason)


def count_candidates(candidates: Iterable[Candidate]) -> None:
    """Counts the clips of a dataset that were curated just now, as far as they got here."""
    for candidate in candidates:
        if any(reason.stage not in STAGES for reason in candidate.reasons):
            continue
        verdict = ACCEPTED if candidate.kept else REJECTED
        CLIPS.labels(verdict).inc()
        CLIP_SECONDS.labels(verdict).inc(candidate.duration_seconds)
        for code in {reason.code for reason in candidate.reasons}:
            REJECTED_CLIPS.labels(code).inc()
