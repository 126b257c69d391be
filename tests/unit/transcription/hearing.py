"""Makes recognitions for tests."""

from services.transcription.recognition import Recognition, Segment, Word


def heard(
    text: str,
    *,
    start: float = 0.0,
    end: float = 3.0,
    confidence: float = 0.95,
    no_speech: float = 0.05,
) -> Recognition:
    """Returns words spread evenly from `start` to `end`."""
    parts = text.split()
    step = (end - start) / max(1, len(parts))
    words = tuple(
        Word(part, start + i * step, start + (i + 1) * step, confidence)
        for i, part in enumerate(parts)
    )
    return Recognition((Segment(start, end, text, confidence, no_speech, words),), {})
