"""A full disk is told from a bug."""

import errno
import os

import pytest

from services.chassis.process.full_disk import full_disk_in


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_worth_another_try_and_says_which_disk(number: int) -> None:
    found = full_disk_in(OSError(number, os.strerror(number)))
    assert found is not None
    assert (found.retryable, found.reason) == (True, "SCRATCH_FULL")
    assert "TTSTRAINER_SCRATCH_DIR" in found.message


def test_a_full_disk_is_found_behind_the_error_that_it_led_to() -> None:
    error = RuntimeError("it could not be written")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert full_disk_in(error) is not None


@pytest.mark.parametrize("error", [OSError(errno.EIO, "broken"), ValueError("no number")])
def test_any_other_trouble_is_something_else(error: Exception) -> None:
    assert full_disk_in(error) is None
