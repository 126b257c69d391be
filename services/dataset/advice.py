"""What would make a dataset better, from what it holds and what it lost."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from services.dataset.accounting import Rejection

RARE_COUNT = 20
"""A phoneme heard less often than this leaves the voice guessing."""
MAX_SOUNDS = 12
MIN_RECOVERABLE_SECONDS = 10.0
WORTHWHILE_SHARE = 0.03
"""A threshold is worth a thought when it alone costs this share of the kept speech."""

REMEDIES = {
    "LOW_SNR": "record closer to the microphone or in a quieter room, or try noise reduction",
    "LOW_DNSMOS": "try noise reduction, or record with a better microphone",
    "CLIPPED": "lower the recording level",
    "LOW_BANDWIDTH": "use a recording with a higher sample rate or bit rate",
    "TOO_SHORT": "longer sentences help; --min-clip keeps shorter clips",
    "OTHER_SPEAKER": "give a --reference clip if the wrong voice was taken",
    "MIXED_SPEAKERS": "recordings of one speaker alone lose nothing here",
    "OVERLAP": "recordings in which nobody talks over the speaker lose nothing here",
    "MUSIC": "use a version of the recording without music",
    "LOW_CONFIDENCE": "a larger recogniser (--model) reads more of them with certainty",
    "DISAGREEMENT": "a larger recogniser (--model) agrees with itself more often",
    "WRONG_LANGUAGE": "say which language is spoken (--language)",
    "SPEECH_RATE": "listen to some in the report: the text may miss words",
}


@dataclass(frozen=True, slots=True)
class Sound:
    """A phoneme that is rare in the kept clips."""

    phoneme: str
    count: int
    example: str
    """A word that has it, or nothing."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What advice is based on."""

    kept_minutes: float
    target_minutes: float
    costs: tuple[Rejection, ...]
    sounds: tuple[Sound, ...] | None
    """The rare ones, rarest first; None when they could not be counted."""
    left_out_count: int
    validation_count: int

    @property
    def missing_minutes(self) -> float:
        """How much kept speech is missing to the target."""
        return max(0.0, self.target_minutes - self.kept_minutes)


def advise(advice: Advice) -> list[tuple[str, str]]:
    """Returns (code, sentence) pairs, the most useful first."""
    found = []
    if advice.missing_minutes > 0:
        found.append(
            (
                "RECORD_MORE",
                (
                    f"Add about {advice.missing_minutes:.0f} minutes of speech: there are "
                    f"{advice.kept_minutes:.1f} of the {advice.target_minutes:.0f} minutes that "
                    "are known to give a good voice."
                ),
            )
        )
    if advice.left_out_count:
        found.append(
            (
                "LOOK_AT_LEFT_OUT",
                f"Recordings left out: {advice.left_out_count}; the report says why.",
            )
        )
    found += [_relax(cost) for cost in advice.costs if _is_worthwhile(cost, advice)]
    if advice.sounds:
        names = ", ".join(
            f"{s.phoneme} ({s.example})" if s.example else s.phoneme for s in advice.sounds[:6]
        )
        found.append(("RARE_SOUNDS", f"Say more words with these rare sounds: {names}."))
    if advice.sounds is None:
        found.append(("SOUNDS_NOT_COUNTED", "Install espeak-ng to learn which sounds are rare."))
    return found


def rare_sounds(
    counts: Mapping[str, int], inventory: Collection[str], examples: Mapping[str, str]
) -> list[Sound]:
    """Returns the phonemes of `inventory` and `counts` heard fewer than RARE_COUNT times."""
    rare = [phone for phone in {*counts, *inventory} if counts.get(phone, 0) < RARE_COUNT]
    ordered: Sequence[str] = sorted(rare, key=lambda phone: (counts.get(phone, 0), phone))
    return [Sound(p, counts.get(p, 0), examples.get(p, "")) for p in ordered[:MAX_SOUNDS]]


def _is_worthwhile(cost: Rejection, advice: Advice) -> bool:
    share = WORTHWHILE_SHARE * advice.kept_minutes * 60
    return cost.recoverable_seconds >= max(MIN_RECOVERABLE_SECONDS, share)


def _relax(cost: Rejection) -> tuple[str, str]:
    remedy = REMEDIES.get(cost.code, "listen to some of them in the report")
    return (
        f"RECOVER_{cost.code}",
        f"{cost.code} alone cost {cost.recoverable_seconds:.0f} s of speech: {remedy}.",
    )
