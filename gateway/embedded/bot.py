"""The Discord bot as a child process, beside the services that it speaks with."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.client.addresses import Addresses
from gateway.embedded.child import Child, ChildSpec
from gateway.embedded.data_folder import DataFolder
from gateway.embedded.environment import TOKEN_VARIABLES, ServicePorts, service_environment
from gateway.embedded.errors import StackError
from gateway.embedded.locks import FileLock
from gateway.embedded.log_files import LogReader, last_lines
from gateway.services import BOT, LOOPBACK

START_SECONDS = 120.0
"""How long Discord may take to let it in."""
READY_EVENT = "discord.ready"
REFUSAL = f"{BOT.name}: "
"""How the line begins with which it ends when a person can put right what is wrong."""


@dataclass(frozen=True, slots=True)
class BotPlan:
    """What the bot is told."""

    data_folder: DataFolder
    token: str = field(repr=False)
    addresses: Addresses
    nats_url: str
    ports: ServicePorts
    settings_elsewhere: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Variables that secure the way to services, or to NATS, on another machine."""
    module: str = BOT.module

    @property
    def log_file(self) -> Path:
        """What the bot says."""
        return self.data_folder.logs / f"{BOT.name}.log"

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Returns the bot's environment: the one place where its token stands."""
        return {
            **service_environment(
                inherited,
                host=LOOPBACK,
                ports=(self.ports,),
                service=BOT,
                data_folder=self.data_folder,
                nats_url=self.nats_url,
            ),
            **{
                f"TTSTRAINER_BOT_{name.upper()}_ADDRESS": self.addresses[name] for name in BOT.calls
            },
            "TTSTRAINER_BOT_SERVER_CA_FILE": "",
            "TTSTRAINER_BOT_LOG_LEVEL": "info",  # its log says when Discord has let it in
            **self.settings_elsewhere,
            TOKEN_VARIABLES[0]: self.token,
        }


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the bot says when Discord has let it in."""

    guild_count: int
    invitation: str
    """The link by which people invite it to their servers."""


class Bot:
    """The bot that a plan describes."""

    def __init__(self, plan: BotPlan, inherited: Mapping[str, str]) -> None:
        """Starts nothing yet; see `live`."""
        self._plan = plan
        self.child = Child(
            ChildSpec(
                name=BOT.name,
                command=[sys.executable, "-m", plan.module],
                environment=plan.environment(inherited),
                log_file=plan.log_file,
                is_ready=self._is_ready,
                start_seconds=START_SECONDS,
                must_start=True,
            )
        )
        self.problem = ""
        """Why it does not run, once it was given up."""
        self.welcome: Welcome | None = None
        """What it said when Discord let it in, once that has happened."""
        self._log = LogReader(plan.log_file)

    async def live(self) -> None:
        """Keeps it running until this is cancelled, and ends it then.

        Raises:
            StackError: it cannot run; the message says why, and what to do.
        """
        with FileLock(self._plan.data_folder.bot_lock) as lock:
            if not lock.try_exclusive():
                self.problem = "Another command runs the Discord bot already: end that one."
                raise StackError(self.problem)
            try:
                await self.child.keep_running()
            except StackError as error:
                self.problem = refusal_in(self._plan.log_file) or str(error)
                raise StackError(self.problem) from error
            finally:
                try:
                    await self.child.stop()
                finally:
                    self.child.kill()

    async def _is_ready(self) -> bool:
        self.welcome = welcome_in(await asyncio.to_thread(self._log.new_lines)) or self.welcome
        return self.welcome is not None


def welcome_in(lines: Sequence[str]) -> Welcome | None:
    """Returns the last welcome in lines of a log."""
    for line in reversed(lines):
        if READY_EVENT in line:
            said = json.loads(line)
            return Welcome(int(said["guild_count"]), str(said["invitation"]))
    return None


def refusal_in(log_file: Path) -> str:
    """Returns the sentence with which the bot ended, or an empty text where it said none."""
    last = last_lines(log_file).splitlines()[-1:]
    said = last[0].strip() if last else ""
    return said.removeprefix(REFUSAL) if said.startswith(REFUSAL) else ""
