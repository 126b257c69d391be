"""The processes of one embedded stack, found by the data folder that they work in."""

import os
import signal
from pathlib import Path

from gateway.services import ALL, TO_A_DATASET

# What the command line of each child of a stack holds.
MARKS = {"nats": "nats-server"} | {service.name: service.module for service in ALL}
OF_A_RUN = ("nats", *(service.name for service in TO_A_DATASET))
"""The children that a run needs; what speaks is not started for it."""


def processes_of(home: Path) -> dict[int, str]:
    """Returns every process that has the data folder in its environment or its command line."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                command = (folder / "cmdline").read_bytes()
                known = command + (folder / "environ").read_bytes()
            except OSError:  # it has ended, or is somebody else's
                continue
            if os.fsencode(home) in known:
                found[int(folder.name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return found


def parts_of(home: Path) -> list[str]:
    """Returns the children of the stack that run, by name, in order; no process that one starts."""
    commands = processes_of(home).values()
    return sorted(name for each in commands for name, mark in MARKS.items() if _is(each, mark))


def kill(home: Path, name: str) -> None:
    """Ends a child of the stack as the system does when memory is short."""
    found = processes_of(home)
    victims = [pid for pid, command in found.items() if _is(command, MARKS[name])]
    assert victims, found
    for pid in victims:
        os.kill(pid, signal.SIGKILL)


def _is(command: str, mark: str) -> bool:
    return any(Path(word).name == mark for word in command.split())
