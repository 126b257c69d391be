"""Telling a full disk from a bug: a person can free some space."""

import errno
from collections.abc import Iterator

from services.chassis.errors import OverloadedError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def full_disk_in(error: BaseException) -> OverloadedError | None:
    """Returns what to tell of `error` if it, or what led to it, is a disk without space."""
    for each in _with_causes(error):
        if isinstance(each, OSError) and each.errno in FULL:
            message = (
                "The disk under TTSTRAINER_SCRATCH_DIR is full: free some space there, or give it "
                "more, and try again."
            )
            return OverloadedError(message, reason="SCRATCH_FULL")
    return None


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
