"""Where each second of input went."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.dataset.candidate import Candidate


@dataclass(frozen=True, slots=True)
class Account:
    """The seconds of a recording, or of a whole dataset; the parts add up to `input_seconds`."""

    kept_seconds: float = 0.0
    rejected_seconds: float = 0.0
    silence_seconds: float = 0.0
    """Between clips, where nothing is heard."""
    other_sound_seconds: float = 0.0
    """Between clips, where something other than speech is heard."""
    missing_seconds: float = 0.0
    """What could not be decoded."""

    @property
    def input_seconds(self) -> float:
        """All of it."""
        return (
            self.kept_seconds
            + self.rejected_seconds
            + self.silence_seconds
            + self.other_sound_seconds
            + self.missing_seconds
        )

    def __add__(self, other: "Account") -> "Account":
        """Adds part by part."""
        return Account(
            self.kept_seconds + other.kept_seconds,
            self.rejected_seconds + other.rejected_seconds,
            self.silence_seconds + other.silence_seconds,
            self.other_sound_seconds + other.other_sound_seconds,
            self.missing_seconds + other.missing_seconds,
        )


@dataclass(frozen=True, slots=True)
class Rejection:
    """What one reason cost."""

    code: str
    clip_count: int
    seconds: float
    """Of all clips with this reason."""
    recoverable_seconds: float
    """Of clips with this reason alone: relaxing it would bring them back."""


def account_of(
    candidates: Sequence[Candidate],
    *,
    silent_samples: int,
    sounding_samples: int,
    sample_rate_hertz: int,
    missing_seconds: float,
) -> Account:
    """Accounts for one recording: its clips, and the samples between them."""
    kept = sum(c.end_sample - c.start_sample for c in candidates if c.kept)
    rejected = sum(c.end_sample - c.start_sample for c in candidates if not c.kept)
    return Account(
        kept_seconds=kept / sample_rate_hertz,
        rejected_seconds=rejected / sample_rate_hertz,
        silence_seconds=silent_samples / sample_rate_hertz,
        other_sound_seconds=sounding_samples / sample_rate_hertz,
        missing_seconds=missing_seconds,
    )


def rejections(candidates: Iterable[Candidate]) -> list[Rejection]:
    """Returns what each reason cost, the costliest first; two reasons count twice."""
    counts: dict[str, int] = defaultdict(int)
    seconds: dict[str, float] = defaultdict(float)
    alone: dict[str, float] = defaultdict(float)
    for candidate in candidates:
        codes = {reason.code for reason in candidate.reasons}
        for code in codes:
            counts[code] += 1
            seconds[code] += candidate.duration_seconds
        if len(codes) == 1:
            alone[next(iter(codes))] += candidate.duration_seconds
    ordered = sorted(counts, key=lambda code: (-seconds[code], code))
    return [Rejection(c, counts[c], seconds[c], alone[c]) for c in ordered]
