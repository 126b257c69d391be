"""How a command ended, for scripts."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """The exit codes of every command."""

    OK = 0
    FAILED = 1
    USAGE = 2
    PARTLY = 3
    INTERRUPTED = 130


EPILOG = (
    "Exit codes: 0 all fine; 1 failed; 2 wrong usage or input; 3 done, but some recordings were "
    "left out, or the speech was cut; 130 interrupted."
)
