"""Which clips a voice is trained on, and for each of the others why not."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.dataset.candidate import Candidate, Reason, by_place
from services.dataset.fences import Fences, tukey_fences

STAGE = "dataset"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a clip must reach."""

    min_confidence: float
    """The lowest mean word confidence, 0 to 1."""
    min_dnsmos: float
    """The lowest overall DNSMOS, 1 to 5."""
    min_snr_decibels: float
    """The lowest signal-to-noise ratio."""
    max_text_characters: int
    """The longest text; XTTS truncates English past 250 characters."""
    rate_fence_width: float
    """Tukey's k for the speech-rate fences."""


def curate(
    candidates: Sequence[Candidate],
    thresholds: Thresholds,
    strangers: Mapping[str, float] | None = None,
) -> list[Candidate]:
    """Returns every candidate, ordered by place, with all reasons that speak against it.

    `strangers` maps recordings whose main speaker is not the run's to their similarity. What
    earlier stages said stays; the speech-rate fences come from the clips nothing else speaks
    against. The result does not depend on the order of `candidates`.
    """
    seen: set[str] = set()
    judged = []
    for candidate in sorted(candidates, key=by_place):
        reasons = list(_own_reasons(candidate, thresholds, strangers or {}))
        if not candidate.reasons and candidate.pcm_sha256 in seen:
            reasons.append(Reason(STAGE, "DUPLICATE", "The same samples are kept already."))
        judged.append(candidate.rejected(*reasons))
        if judged[-1].kept:
            seen.add(candidate.pcm_sha256)
    return _within_fences(judged, thresholds.rate_fence_width)


def clean_text(text: str) -> str:
    """Returns `text` in Unicode NFC, without control characters, runs of spaces made one."""
    normal = unicodedata.normalize("NFC", text)
    visible = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in normal)
    return " ".join(visible.split())


def speakable_count(text: str) -> int:
    """Returns the number of letters and digits of `text`."""
    return sum(character.isalnum() for character in text)


def _own_reasons(
    candidate: Candidate, thresholds: Thresholds, strangers: Mapping[str, float]
) -> Iterable[Reason]:
    measures = candidate.measures
    if candidate.recording_id in strangers:
        yield Reason(
            STAGE,
            "OTHER_SPEAKER_RECORDING",
            "The main speaker of this recording is not the run's "
            f"(similarity {strangers[candidate.recording_id]:.2f}).",
        )
    if not any(reason.stage == "audio-qc" for reason in candidate.reasons):
        yield from _text_reasons(candidate, thresholds)
    if 0 < measures.dnsmos_overall < thresholds.min_dnsmos:
        yield _below("LOW_DNSMOS", "DNSMOS", measures.dnsmos_overall, thresholds.min_dnsmos)
    if measures.snr_decibels and measures.snr_decibels < thresholds.min_snr_decibels:
        yield _below("LOW_SNR", "SNR in dB", measures.snr_decibels, thresholds.min_snr_decibels)


def _text_reasons(candidate: Candidate, thresholds: Thresholds) -> Iterable[Reason]:
    """A clip that audio-qc rejected was never transcribed: its lack of a text says nothing."""
    confidence = candidate.measures.confidence
    if not candidate.text:
        yield Reason(STAGE, "NO_TEXT", "Nothing was recognised in this clip.")
    elif not speakable_count(candidate.text):
        yield Reason(STAGE, "UNSPEAKABLE", "The text has no letter and no digit.")
    elif confidence < thresholds.min_confidence:
        yield _below("LOW_CONFIDENCE", "Word confidence", confidence, thresholds.min_confidence)
    if len(candidate.text) > thresholds.max_text_characters:
        yield Reason(
            STAGE,
            "TEXT_TOO_LONG",
            f"The text has {len(candidate.text)} characters, "
            f"more than {thresholds.max_text_characters}.",
        )


def _within_fences(judged: Sequence[Candidate], width: float) -> list[Candidate]:
    fences = tukey_fences([c.measures.characters_per_second for c in judged if c.kept], width)
    if fences is None:
        return list(judged)
    return [
        c.rejected(_outside(c, fences))
        if c.kept and not fences.hold(c.measures.characters_per_second)
        else c
        for c in judged
    ]


def _outside(candidate: Candidate, fences: Fences) -> Reason:
    rate = candidate.measures.characters_per_second
    return Reason(
        STAGE,
        "SPEECH_RATE",
        f"{rate:.1f} characters per second, outside the run's range of "
        f"{fences.low:.1f} to {fences.high:.1f}: the text may be wrong.",
    )


def _below(code: str, name: str, value: float, threshold: float) -> Reason:
    return Reason(STAGE, code, f"{name} is {value:.2f}, below {threshold:.2f}.")
