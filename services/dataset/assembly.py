"""Assembles curated clips into a dataset: split, digest, accounts, summary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.dataset.accounting import Account, Rejection, rejections
from services.dataset.candidate import Candidate, by_place
from services.dataset.digest import dataset_digest
from services.dataset.split import validation_clips


@dataclass(frozen=True, slots=True)
class Assembly:
    """A dataset before it has a number and a place."""

    candidates: tuple[Candidate, ...]
    """All clips, kept and rejected, by place."""
    validation: frozenset[str]
    """The ids of the clips held out."""
    digest: str
    accounts: Mapping[str, Account]
    """By recording."""
    rejections: tuple[Rejection, ...]

    @property
    def kept(self) -> tuple[Candidate, ...]:
        """The clips that are kept."""
        return tuple(candidate for candidate in self.candidates if candidate.kept)

    @property
    def total(self) -> Account:
        """Where the seconds of all recordings went."""
        return sum(self.accounts.values(), Account())


def assemble(
    candidates: Sequence[Candidate], accounts: Mapping[str, Account], validation_ratio: float
) -> Assembly:
    """Splits and sums up curated clips."""
    ordered = tuple(sorted(candidates, key=by_place))
    kept = [candidate for candidate in ordered if candidate.kept]
    validation = validation_clips(kept, validation_ratio)
    return Assembly(
        candidates=ordered,
        validation=validation,
        digest=dataset_digest(kept, validation),
        accounts=accounts,
        rejections=tuple(rejections(ordered)),
    )
