"""`tts-trainer discord-bot`: the bot in the foreground."""

import asyncio
import contextlib
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.cli.discord.house import house
from gateway.cli.discord.token import NO_TOKEN
from gateway.cli.errors import UsageError
from gateway.cli.exit_status import ExitStatus
from gateway.cli.session import Session, data_folder
from gateway.embedded.bot import Bot, BotPlan
from gateway.embedded.child import ChildState
from gateway.embedded.environment import ServicePorts
from gateway.embedded.ports import claimed_ports
from gateway.services import BOT, LOOPBACK
from services.chassis.beside import running_beside

LOOK_SECONDS = 0.5
CHANGES = {
    ChildState.RESTARTING: "The bot has ended and is started again; its log says why.",
    ChildState.STARTING: "Connecting to Discord",
}


@dataclass(frozen=True, slots=True)
class RunBot:
    """Runs the bot, and what it needs, until it is interrupted."""

    token: str = field(repr=False)
    module: str = BOT.module

    async def __call__(self, session: Session) -> ExitStatus:
        """Runs the command."""
        if not self.token:
            raise UsageError(NO_TOKEN)
        note = session.reporter.note
        note("Starting what the bot needs" if not session.server else f"Using {session.server}")
        # An interruption is how this command ends: once it has run, it has done what it should.
        with (
            contextlib.suppress(asyncio.CancelledError),
            claimed_ports(LOOPBACK, 2, rng=random.SystemRandom()) as (port, metrics_port),
        ):
            async with house(session, os.environ) as found:
                plan = BotPlan(
                    data_folder(),
                    self.token,
                    found.addresses,
                    found.nats_url,
                    ServicePorts(BOT, port, metrics_port),
                    found.settings_elsewhere,
                    self.module,
                )
                bot = Bot(plan, os.environ)
                async with running_beside(told(bot, note)):
                    note(f"Logs and data: {plan.data_folder.root}")
                    await bot.live()
        return ExitStatus.OK


async def told(bot: Bot, note: Callable[[str], None]) -> None:
    """Tells how the bot is, whenever that changes."""
    known: ChildState | None = None
    while not bot.problem:
        state = bot.child.state
        if state is not known and state in CHANGES:
            note(CHANGES[state])
        if state is not known and state is ChildState.RUNNING and (said := bot.welcome):
            servers = "1 server" if said.guild_count == 1 else f"{said.guild_count} servers"
            note(f"The bot is on Discord, in {servers}. Invite it: {said.invitation}")
            note("Ctrl-C ends it.")
        known = state
        await asyncio.sleep(LOOK_SECONDS)
    note(f"The Discord bot does not run: {bot.problem}")
