"""Clips for the tests of the dataset's cores."""

import hashlib

from services.dataset.candidate import Candidate, Measures, Reason

SAMPLE_RATE_HERTZ = 24_000


def clip(
    recording_id: str = "ada",
    start_seconds: float = 0.0,
    seconds: float = 5.0,
    *,
    text: str = "Please hold the line.",
    rate: float = 14.0,
    confidence: float = 0.9,
    dnsmos: float = 3.0,
    snr: float = 30.0,
    samples: str = "",
    reasons: tuple[Reason, ...] = (),
) -> Candidate:
    """A good clip, but for what is said otherwise."""
    start = round(start_seconds * SAMPLE_RATE_HERTZ)
    content = samples or f"{recording_id}/{start}"
    return Candidate(
        clip_id=f"{recording_id}-{start}",
        recording_id=recording_id,
        start_sample=start,
        end_sample=start + round(seconds * SAMPLE_RATE_HERTZ),
        sample_rate_hertz=SAMPLE_RATE_HERTZ,
        pcm_sha256=hashlib.sha256(content.encode()).hexdigest(),
        text=text,
        measures=Measures(
            snr_decibels=snr,
            dnsmos_overall=dnsmos,
            confidence=confidence,
            characters_per_second=rate,
        ),
        reasons=reasons,
    )


def recording(recording_id: str, minutes: float, every_seconds: float = 6.0) -> list[Candidate]:
    """A recording of 5-second clips, one every `every_seconds`."""
    count = int(minutes * 60 / every_seconds)
    return [clip(recording_id, number * every_seconds) for number in range(count)]
