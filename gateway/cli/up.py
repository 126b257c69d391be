"""`tts-trainer up`: the whole stack in the foreground."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from gateway.cli.discord.run_bot import told
from gateway.cli.discord.token import token_in
from gateway.cli.exit_status import ExitStatus
from gateway.cli.session import Session, console, data_folder
from gateway.embedded.bot import Bot, BotPlan
from gateway.embedded.child import Child, ChildState
from gateway.embedded.environment import ServicePorts
from gateway.embedded.errors import StackError
from gateway.embedded.shared_stack import shared_stack
from gateway.embedded.stack import Stack, standing_plan
from gateway.services import ALL, BOT, LOOPBACK, PIPELINE

REFRESH_SECONDS = 0.5
STYLES = {ChildState.RUNNING: "green", ChildState.STARTING: "yellow"}


@dataclass(frozen=True, slots=True)
class Up:
    """Runs every service at its usual port until it is interrupted."""

    watched_folder: Path | None

    async def __call__(self, session: Session) -> ExitStatus:
        """Runs the command."""
        folder, note = data_folder(), session.reporter.note
        note(f"Starting the stack in {folder.root}")
        # An interruption is how this command ends: once it has run, it has done what it should.
        with contextlib.suppress(asyncio.CancelledError):
            async with shared_stack(
                folder,
                ALL,
                os.environ,
                planner=partial(standing_plan, note=note, watched_folder=self.watched_folder),
                note=note,
                may_attach=False,
            ) as shared:
                stack = session.stack = shared.own
                if stack is not None:
                    await _run(stack, note)
        return ExitStatus.OK


async def _run(stack: Stack, note: Callable[[str], None]) -> None:
    """Shows the stack, for ever; where there is a token the bot runs beside it."""
    token = token_in(os.environ)
    if not token:
        await _show(stack, None)
    plan = stack.plan
    addresses = {name: each.address for name, each in plan.info.services.items()}
    ports = ServicePorts(BOT, BOT.port, BOT.metrics_port)
    bot = Bot(BotPlan(plan.data_folder, token, addresses, plan.nats_url, ports), os.environ)
    async with asyncio.TaskGroup() as group:
        group.create_task(_lived(bot), name=BOT.name)
        if not console().is_terminal:
            group.create_task(told(bot, note), name="notes")
        await _show(stack, bot)


async def _lived(bot: Bot) -> None:
    """Runs the bot; the stack goes on without one that cannot run."""
    with contextlib.suppress(StackError):
        await bot.live()


async def _show(stack: Stack, bot: Bot | None) -> NoReturn:
    """Shows the children, for ever."""
    output = console()
    if not output.is_terminal:
        output.print(_table(stack, bot), *_hints(stack), sep="\n")
        await asyncio.Event().wait()
    with Live(console=output, auto_refresh=False) as live:
        while True:
            about_the_bot = _said_of(bot) if bot else ()
            shown = Group(_table(stack, bot), *_hints(stack), *about_the_bot)
            live.update(shown, refresh=True)
            await asyncio.sleep(REFRESH_SECONDS)


def _said_of(bot: Bot) -> tuple[RenderableType, ...]:
    if bot.problem:
        return (Text(f"Discord bot: {bot.problem}", style="red"),)
    if bot.welcome is None:
        return ()
    link = bot.welcome.invitation
    return (Text(f"Invite the bot: {link}", style=f"link {link}"),)


def _table(stack: Stack, bot: Bot | None) -> Table:
    table = Table()
    for heading in ("Service", "State", "gRPC", "Metrics", "Process", "Restarts"):
        table.add_column(heading)
    for child in stack.nats:
        table.add_row(*_row(child, stack.plan.nats_url.removeprefix("nats://"), ""))
    endpoints = stack.plan.info.services
    for child in stack.services:
        endpoint = endpoints[child.spec.name]
        table.add_row(*_row(child, endpoint.address, endpoint.metrics_address))
    if bot:
        ports = (f"{LOOPBACK}:{port}" for port in (BOT.port, BOT.metrics_port))
        table.add_row(*_row(bot.child, *ports))
    return table


def _row(child: Child, address: str, metrics: str) -> tuple[RenderableType, ...]:
    state = Text(child.state, style=STYLES.get(child.state, "red"))
    return (
        child.spec.name,
        state,
        address,
        metrics,
        str(child.pid or ""),
        str(child.restart_count),
    )


def _hints(stack: Stack) -> Iterator[RenderableType]:
    address = f"{LOOPBACK}:{PIPELINE.port}"
    yield Text(f"Logs and data: {stack.plan.data_folder.root}")
    if stack.plan.watched_folder:
        yield Text(f"Watching {stack.plan.watched_folder}/VOICE/ for recordings")
    yield Text("Try: tts-trainer run-pipeline --input videos/ --voice ada")
    yield Text('     tts-trainer inference --server localhost --text "Hello." --play')
    yield Text(f"     grpcurl -plaintext {address} list")
    yield Text(f"     grpcurl -plaintext {address} describe {PIPELINE.rpc_name}")
    yield Text("Ctrl-C stops everything.")
