"""`tts-trainer up`: the whole stack in the foreground."""

import asyncio
import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from gateway.cli.exit_status import ExitStatus
from gateway.cli.session import Session, console, data_folder
from gateway.embedded.child import Child, ChildState
from gateway.embedded.shared_stack import shared_stack
from gateway.embedded.stack import Stack, standing_plan
from gateway.services import ALL, LOOPBACK, PIPELINE

REFRESH_SECONDS = 0.5
STYLES = {ChildState.RUNNING: "green", ChildState.STARTING: "yellow"}


@dataclass(frozen=True, slots=True)
class Up:
    """Runs every service at its usual port until it is interrupted."""

    watched_folder: Path | None

    async def __call__(self, session: Session) -> ExitStatus:
        """Runs the command."""
        folder = data_folder()
        session.reporter.note(f"Starting the stack in {folder.root}")
        # An interruption is how this command ends: once it has run, it has done what it should.
        with contextlib.suppress(asyncio.CancelledError):
            async with shared_stack(
                folder,
                ALL,
                os.environ,
                planner=partial(standing_plan, watched_folder=self.watched_folder),
                note=session.reporter.note,
                may_attach=False,
            ) as shared:
                stack = session.stack = shared.own
                if stack is not None:
                    await _show(stack)
        return ExitStatus.OK


async def _show(stack: Stack) -> None:
    """Shows the children, for ever."""
    output = console()
    if not output.is_terminal:
        output.print(_table(stack), *_hints(stack), sep="\n")
        await asyncio.Event().wait()
    with Live(console=output, auto_refresh=False) as live:
        while True:
            live.update(Group(_table(stack), *_hints(stack)), refresh=True)
            await asyncio.sleep(REFRESH_SECONDS)


def _table(stack: Stack) -> Table:
    table = Table()
    for heading in ("Service", "State", "gRPC", "Metrics", "Process", "Restarts"):
        table.add_column(heading)
    for child in stack.nats:
        table.add_row(*_row(child, stack.plan.nats_url.removeprefix("nats://"), ""))
    endpoints = stack.plan.info.services
    for child in stack.services:
        endpoint = endpoints[child.spec.name]
        table.add_row(*_row(child, endpoint.address, endpoint.metrics_address))
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
