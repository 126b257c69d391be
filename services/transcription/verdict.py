"""Decides whether the text of a clip can be trusted, and says why not."""

from collections import Counter
from dataclasses import dataclass

from services.speech import text as texts
from services.speech.text import characters_per_second, normalised_words
from services.transcription.recognition import compression_ratio

LOOP_WORDS = 3
LOOP_COUNT = 4
"""The same three words, this often in one clip, are a loop of the recogniser."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a text must keep; the service's settings say what each means."""

    min_confidence: float
    doubtful_confidence: float
    doubtful_word_confidence: float
    max_second_decoding_word_error_rate: float
    max_subtitle_word_error_rate: float
    max_no_speech_probability: float
    max_compression_ratio: float
    max_characters_per_second: float
    min_characters_per_second: float
    min_language_probability: float
    cut_word_level_decibels: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one clip."""

    text: str
    """What the clip is to be used with."""
    recognised_text: str
    """What the recogniser heard: the same, unless the text comes from subtitles."""
    duration_seconds: float
    confidence: float
    lowest_word_confidence: float
    no_speech_probability: float
    language: str = ""
    """The code of the language it is in as far as it could be told, or empty."""
    language_probability: float = 0.0
    cut_edge_level_decibels: float | None = None
    """The level at an edge that a word touches, relative to the speech; None when none does."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a text is not trusted."""

    code: str
    message: str


def is_doubtful(evidence: Evidence, limits: Thresholds) -> bool:
    """Tells whether a second decoding is worth its cost."""
    return (
        evidence.confidence < limits.doubtful_confidence
        or evidence.lowest_word_confidence < limits.doubtful_word_confidence
    )


def reasons(evidence: Evidence, limits: Thresholds, *, wanted_language: str) -> list[Reason]:
    """Returns why the text cannot be trusted; nothing when it can.

    `wanted_language` is a code, or empty when any language is fine.
    """
    if not normalised_words(evidence.recognised_text):
        return [Reason("NO_SPEECH", "The recogniser heard no words.")]
    if not normalised_words(evidence.text):
        return [Reason("EMPTY", "The transcript has no words for this clip.")]
    found = [
        _no_speech(evidence, limits),
        _confidence(evidence, limits),
        _language(evidence, limits, wanted_language),
        _repetition(evidence, limits),
        _rate(evidence, limits),
        _cut_word(evidence, limits),
        _subtitles(evidence, limits, wanted_language),
    ]
    return [reason for reason in found if reason]


def disagreement_reasons(word_error_rate: float, limits: Thresholds) -> list[Reason]:
    """Returns why a text cannot be trusted that a second decoding contradicts."""
    highest = limits.max_second_decoding_word_error_rate
    if word_error_rate <= highest:
        return []
    return [
        Reason(
            "DISAGREEMENT",
            f"A second decoding differs in {word_error_rate:.0%} of the words (at most "
            f"{highest:.0%} is accepted).",
        )
    ]


def _no_speech(evidence: Evidence, limits: Thresholds) -> Reason | None:
    probability = evidence.no_speech_probability
    # Whisper's own rule: silence is believed only where the words are uncertain, too.
    if probability <= limits.max_no_speech_probability:
        return None
    if evidence.confidence >= limits.doubtful_confidence:
        return None
    return Reason(
        "NO_SPEECH",
        f"It is no speech with a probability of {probability:.2f} (at most "
        f"{limits.max_no_speech_probability:.2f} is accepted).",
    )


def _confidence(evidence: Evidence, limits: Thresholds) -> Reason | None:
    if evidence.confidence >= limits.min_confidence:
        return None
    return Reason(
        "LOW_CONFIDENCE",
        f"The words have a mean probability of {evidence.confidence:.2f} (at least "
        f"{limits.min_confidence:.2f} is asked for).",
    )


def _language(evidence: Evidence, limits: Thresholds, wanted: str) -> Reason | None:
    if not wanted or not evidence.language or evidence.language == wanted:
        return None
    if evidence.language_probability < limits.min_language_probability:
        return None
    return Reason(
        "WRONG_LANGUAGE",
        f"It is in {evidence.language!r} with a probability of "
        f"{evidence.language_probability:.2f}, not in {wanted!r}.",
    )


def _repetition(evidence: Evidence, limits: Thresholds) -> Reason | None:
    ratio = compression_ratio(evidence.recognised_text)
    if ratio > limits.max_compression_ratio:
        return Reason(
            "REPETITION",
            f"The text compresses {ratio:.1f} times, it repeats itself (at most "
            f"{limits.max_compression_ratio:.1f} is accepted).",
        )
    words = normalised_words(evidence.recognised_text)
    phrases = Counter(tuple(words[i : i + LOOP_WORDS]) for i in range(len(words) - LOOP_WORDS + 1))
    count = max(phrases.values(), default=0)
    if count < LOOP_COUNT:
        return None
    return Reason("REPETITION", f"The same {LOOP_WORDS} words come {count} times.")


def _rate(evidence: Evidence, limits: Thresholds) -> Reason | None:
    rate = characters_per_second(evidence.text, evidence.duration_seconds)
    lowest, highest = limits.min_characters_per_second, limits.max_characters_per_second
    if lowest <= rate <= highest:
        return None
    return Reason(
        "HALLUCINATION",
        f"{rate:.1f} characters a second are no human rate of speech ({lowest:.0f} to "
        f"{highest:.0f} is accepted): words were made up or lost.",
    )


def _cut_word(evidence: Evidence, limits: Thresholds) -> Reason | None:
    level = evidence.cut_edge_level_decibels
    if level is None or level <= limits.cut_word_level_decibels:
        return None
    return Reason(
        "CUT_WORD",
        f"A word touches the edge of the clip, where the level is {level:.0f} dB of the speech "
        f"(at most {limits.cut_word_level_decibels:.0f} dB is accepted).",
    )


def _subtitles(evidence: Evidence, limits: Thresholds, language: str) -> Reason | None:
    rate = texts.word_error_rate(evidence.text, evidence.recognised_text, language=language)
    if rate <= limits.max_subtitle_word_error_rate:
        return None
    return Reason(
        "SUBTITLE_MISMATCH",
        f"{rate:.0%} of the subtitles' words differ from what was heard (at most "
        f"{limits.max_subtitle_word_error_rate:.0%} is accepted).",
    )
