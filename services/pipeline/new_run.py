"""What makes a request for a run acceptable, and the run that comes of it; pure."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.pipeline.run_model import Options, Recording, Run, Snapshot

__all__ = [
    "Complaint",
    "Source",
    "complaints_about",
    "is_run_id",
    "is_voice_name",
    "new_run",
    "run_id_of",
]

VOICE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9_-])?")
"""What can name a dataset: here and below, what a later step would refuse is not begun."""
RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{8}")
RECORDING_ID = re.compile(r"[0-9a-f]{64}")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
SAMPLE_RATES_HERTZ = (0, 22_050, 24_000)
NOISE_REDUCTIONS = ("", "none", "spectral", "neural")
SHORTEST_CLIPS_SECONDS = (0.5, 30.0)
LONGEST_CLIPS_SECONDS = (1.0, 30.0)
VALIDATION_RATIO_BELOW = 0.5
MAX_NAME_BYTES = 200


@dataclass(frozen=True, slots=True)
class Source:
    """A recording to run on."""

    recording_id: str
    display_name: str = ""
    subtitles_uri: str = ""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with one field of a request."""

    field: str
    message: str


def is_voice_name(text: str) -> bool:
    """True for letters, digits, dots, dashes and underscores, at most 63.

    A letter or a digit comes first, and no dot last.
    """
    return VOICE.fullmatch(text) is not None


def complaints_about(
    voice: str, sources: Sequence[Source], options: Options, *, max_recordings: int
) -> list[Complaint]:
    """Returns all that keeps a run from being started; nothing when it may start."""
    found = []
    if not is_voice_name(voice):
        found.append(
            Complaint(
                "voice",
                f"{voice!r} is no name for a voice: use letters, digits, dots, dashes and "
                "underscores, at most 63, a letter or a digit first and no dot last.",
            )
        )
    found += _complaints_about_sources(sources, max_recordings)
    found += _complaints_about_options(options)
    return found


def new_run(
    run_id: str, voice: str, sources: Sequence[Source], options: Options, now: datetime
) -> Snapshot:
    """Returns a run that has just begun; a recording that is named twice is taken once."""
    taken: dict[str, Recording] = {}
    notes = []
    for source in sources:
        name = shortened(source.display_name) or source.recording_id[:12]
        if earlier := taken.get(source.recording_id):
            notes.append(_note(earlier.display_name, name))
            continue
        taken[source.recording_id] = Recording(source.recording_id, name, source.subtitles_uri)
    run = Run(
        run_id=run_id,
        voice=voice,
        options=options,
        create_time=now,
        recording_ids=tuple(taken),
        notes=tuple(dict.fromkeys(notes)),
    )
    return Snapshot(run, tuple(taken.values()))


def run_id_of(request_id: str, now: datetime) -> str:
    """Returns a name that sorts by time, such as `20261123-041530-1f3a9c2e`."""
    suffix = hashlib.sha256(request_id.encode()).hexdigest()[:8]
    return f"{now:%Y%m%d-%H%M%S}-{suffix}"


def is_run_id(text: str) -> bool:
    """True for what `run_id_of` returns."""
    return RUN_ID.fullmatch(text) is not None


def shortened(name: str) -> str:
    """Returns a name that is fit to be shown, and to be told to the build with 500 others."""
    encoded = name.encode()
    if len(encoded) <= MAX_NAME_BYTES:
        return name
    return encoded[: MAX_NAME_BYTES - len("…".encode())].decode(errors="ignore") + "…"


def _note(first: str, again: str) -> str:
    if first == again:
        return f"{first!r} was given twice and is used once."
    return f"{again!r} is the same recording as {first!r} and is used once."


def _complaints_about_sources(sources: Sequence[Source], max_recordings: int) -> list[Complaint]:
    found = []
    if not sources:
        found.append(Complaint("sources", "There is nothing to run on: name a recording."))
    if len({source.recording_id for source in sources}) > max_recordings:
        found.append(
            Complaint(
                "sources",
                f"A run takes at most {max_recordings} recordings: start several, or join "
                "short recordings.",
            )
        )
    found += [
        Complaint(
            f"sources[{place}].recording_id",
            f"{source.recording_id[:80]!r} is no recording id, which is the SHA-256 that "
            "ImportRecording returned.",
        )
        for place, source in enumerate(sources)
        if not RECORDING_ID.fullmatch(source.recording_id)
    ]
    return found


def _complaints_about_options(options: Options) -> list[Complaint]:
    found = []

    def check(field: str, right: bool, message: str) -> None:
        if not right:
            found.append(Complaint(f"options.{field}", message))

    for field in ("language_code", "track_language_code"):
        code = getattr(options, field)
        message = f"{code!r} is no BCP-47 language tag, such as 'en' or 'pt-BR'."
        check(field, not code or LANGUAGE.fullmatch(code) is not None, message)
    rate = options.sample_rate_hertz
    message = f"The sample rate is {rate:,} Hz and must be 22,050 or 24,000."
    check("sample_rate_hertz", rate in SAMPLE_RATES_HERTZ, message)
    noise = options.noise_reduction
    message = f"{noise!r} is no noise reduction: take none, spectral or neural."
    check("noise_reduction", noise in NOISE_REDUCTIONS, message)
    shortest, longest = options.min_clip_seconds, options.max_clip_seconds
    for field, seconds, (low, high) in (
        ("min_clip_seconds", shortest, SHORTEST_CLIPS_SECONDS),
        ("max_clip_seconds", longest, LONGEST_CLIPS_SECONDS),
    ):
        message = f"It is {seconds:g} s and must be {low:g} to {high:g}, or 0 for the setting."
        check(field, seconds == 0 or low <= seconds <= high, message)
    message = "The longest clip must be at least twice as long as the shortest one."
    check("max_clip_seconds", not (shortest and longest) or longest >= 2 * shortest, message)
    ratio = options.validation_ratio
    message = f"The validation share is {ratio:g} and must be 0 to below {VALIDATION_RATIO_BELOW}."
    check("validation_ratio", 0 <= ratio < VALIDATION_RATIO_BELOW, message)
    message = "The share of recordings that must come through lies between 0 and 1."
    check("min_success_ratio", 0 <= options.min_success_ratio <= 1, message)
    return found
