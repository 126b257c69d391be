"""Ties a program to the life of the process that started it, for programs that are not ours.

`python -m services.chassis.tether nats-server -js` becomes nats-server, which gets a SIGTERM when
the process that started it dies, however that happens. Linux only: elsewhere it just runs.
"""

import os
import sys

from services.chassis.process.parent import PARENT_VARIABLE, die_with_parent

__all__ = ["PARENT_VARIABLE", "main"]

NOT_FOUND_EXIT_CODE = 127


def main() -> None:
    """Becomes the command that the arguments are."""
    command = sys.argv[1:]
    if not command:
        sys.exit("usage: python -m services.chassis.tether COMMAND [ARGUMENT...]")
    # The variable, where the starter set it, catches a starter that died before we got here.
    die_with_parent(int(os.environ.pop(PARENT_VARIABLE, "") or os.getppid()))
    try:
        os.execvp(command[0], command)  # noqa: S606 - running a command is what this is for
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.exit(NOT_FOUND_EXIT_CODE)


if __name__ == "__main__":
    main()
