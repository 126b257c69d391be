"""Where an embedded stack keeps what must survive it."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.embedded.errors import StackError

HOME_VARIABLE = "TTSTRAINER_HOME"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """One data folder holds one stack: its artifacts, its queues, its logs."""

    root: Path

    @property
    def store(self) -> Path:
        """The artifacts."""
        return self.root / "store"

    @property
    def nats(self) -> Path:
        """The streams: queued work, events, the state of runs."""
        return self.root / "nats"

    @property
    def logs(self) -> Path:
        """What the services and NATS said since the stack was started."""
        return self.root / "logs"

    @property
    def scratch(self) -> Path:
        """Files that are of no use after a step."""
        return self.root / "scratch"

    @property
    def stack_file(self) -> Path:
        """Says where the running stack listens; there is none while nothing runs."""
        return self.root / "stack.json"

    @property
    def stack_lock(self) -> Path:
        """Held by the one command that owns the stack."""
        return self.root / "stack.lock"

    @property
    def clients_lock(self) -> Path:
        """Shared by the commands that use the stack; the owner waits for them to let go."""
        return self.root / "clients.lock"

    @property
    def bot_lock(self) -> Path:
        """Held by the one command that runs the Discord bot."""
        return self.root / "bot.lock"

    def create(self) -> None:
        """Makes the folders, readable by their owner alone.

        Raises:
            StackError: they cannot be made.
        """
        try:
            for folder in (self.root, self.store, self.nats, self.logs, self.scratch):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(self.root, error.strerror or type(error).__name__) from error


def default_data_folder(environment: Mapping[str, str], user_home: Path) -> DataFolder:
    """Returns the folder that TTSTRAINER_HOME names, else the platform's place for user data.

    Raises:
        StackError: it names the home of an account that there is not.
    """
    if chosen := environment.get(HOME_VARIABLE):
        try:
            return DataFolder(Path(chosen).expanduser().absolute())
        except RuntimeError as error:
            raise _unusable(Path(chosen), "no such account") from error
    if sys.platform == "darwin":
        return DataFolder(user_home / "Library" / "Application Support" / "tts-trainer")
    data_home = environment.get("XDG_DATA_HOME", "")
    shared = Path(data_home) if Path(data_home).is_absolute() else user_home / ".local" / "share"
    return DataFolder(shared / "tts-trainer")


def _unusable(folder: Path, reason: str) -> StackError:
    message = (
        f"{folder} cannot hold the data ({reason}): set {HOME_VARIABLE} to a folder that you may "
        "write to."
    )
    return StackError(message)
