"""Runs one command: its reporter, its interruption, its client, its exit code."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console

from gateway.cli.errors import CommandError, UsageError
from gateway.cli.exit_status import ExitStatus
from gateway.cli.reporter import JsonReporter, LineReporter, Reporter
from gateway.cli.terminal_reporter import TerminalReporter
from gateway.client.addresses import Addresses, addresses_on
from gateway.client.client import Client
from gateway.client.health import is_serving
from gateway.client.security import Security, security_from
from gateway.embedded.data_folder import DataFolder, default_data_folder
from gateway.embedded.errors import StackError
from gateway.embedded.shared_stack import shared_stack
from gateway.embedded.stack import Stack, transient_plan
from gateway.services import Service, sorted_services
from services.chassis.errors import InvalidInputError, ServiceError

PIPE_WIDTH = 140
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class Session:
    """What a running command has at hand."""

    reporter: Reporter
    server: str = ""
    """The host whose services are used; empty for the embedded stack."""
    stack: Stack | None = field(default=None, init=False)
    """The embedded stack, while this command runs it."""

    @asynccontextmanager
    async def client(self, *services: Service) -> AsyncIterator[Client]:
        """Gives a client of these services; without a server it runs them for as long."""
        if self.server:
            async with Client(*await self.elsewhere(*services)) as client:
                yield client
            return
        async with shared_stack(
            data_folder(),
            sorted_services(services),
            os.environ,
            planner=transient_plan,
            note=self.reporter.note,
        ) as shared:
            self.stack = shared.own
            addresses = {name: each.address for name, each in shared.info.services.items()}
            async with Client(addresses) as client:
                yield client

    async def elsewhere(self, *services: Service) -> tuple[Addresses, Security]:
        """Returns where the server's services are, each of which answers, and the way there.

        Raises:
            CommandError: one does not.
        """
        addresses, security = addresses_on(self.server, os.environ), security_from(os.environ)
        asked = (is_serving(addresses[each.name], security=security) for each in services)
        for service, serves in zip(services, await asyncio.gather(*asked), strict=True):
            if not serves:
                raise CommandError(
                    f"No {service.name} service answers at {addresses[service.name]}: start it, or "
                    f"check --server and TTSTRAINER_{service.environment_name}_ADDRESS."
                )
        return addresses, security


Command = Callable[[Session], Awaitable[ExitStatus]]


def data_folder() -> DataFolder:
    """Returns the folder that the embedded stack keeps its data in."""
    return default_data_folder(os.environ, Path.home())


def run_command(
    command: Command, *, server: str = "", as_json: bool = False, debug: bool = False
) -> ExitStatus:
    """Runs a command to its end and returns its exit code; tells failures in one line."""
    reporter = _reporter(as_json=as_json)
    with reporter:
        session = Session(reporter, server)
        try:
            return asyncio.run(_interruptible(command(session), session))
        except asyncio.CancelledError:
            return ExitStatus.INTERRUPTED
        except typer.Abort:  # a question met the end of standard input
            _tell(reporter, "NO_ANSWER", "No answer: nothing was changed.")
        except UsageError as error:
            _tell(reporter, "USAGE", str(error))
            return ExitStatus.USAGE
        except ServiceError as error:
            _raise_if(debug)
            _tell(reporter, error.reason, error.message)
            if isinstance(error, InvalidInputError):
                return ExitStatus.USAGE
        except (CommandError, StackError) as error:
            _raise_if(debug)
            _tell(reporter, "FAILED", str(error))
        except OSError as error:
            _raise_if(debug)
            where = f"{error.filename}: " if error.filename else ""
            _tell(reporter, "IO", f"{where}{error.strerror or type(error).__name__}")
        except Exception as error:  # noqa: BLE001 - a person gets one line, never a traceback
            _raise_if(debug)
            what = f"{type(error).__name__}: {error}"
            _tell(reporter, "UNEXPECTED", f"{what} - a bug; --debug shows where. Please report it.")
        return ExitStatus.FAILED


def exit_with(command: Command, server: str = "", *, as_json: bool, debug: bool) -> NoReturn:
    """Runs a command and ends the process with its exit code."""
    sys.exit(run_command(command, server=server, as_json=as_json, debug=debug))


async def _interruptible(work: Awaitable[ExitStatus], session: Session) -> ExitStatus:
    """Lets the first signal end the work in order, the second at once, the third by force."""
    task = asyncio.ensure_future(work)
    count = 0

    def interrupt() -> None:
        nonlocal count
        count += 1
        task.cancel()
        if count > 1 and session.stack is not None:
            session.stack.kill()
        if count > 2:  # noqa: PLR2004 - the third
            os._exit(ExitStatus.INTERRUPTED)

    loop = asyncio.get_running_loop()
    for each in SIGNALS:
        loop.add_signal_handler(each, interrupt)
    return await task


def console() -> Console:
    """Returns where results are shown; a pipe is wide enough that tables keep their lines."""
    return Console() if sys.stdout.isatty() else Console(width=PIPE_WIDTH)


def _reporter(*, as_json: bool) -> Reporter:
    if as_json:
        return JsonReporter()
    output, messages = console(), Console(stderr=True)
    if messages.is_terminal and not messages.is_dumb_terminal:
        return TerminalReporter(output, messages)
    return LineReporter(output, messages)


def _tell(reporter: Reporter, reason: str, message: str) -> None:
    """Tells why the command could not go on; standard error where that has no room."""
    try:
        reporter.error(reason, message)
    except BrokenPipeError:
        raise  # nobody wants to know
    except OSError:
        sys.stderr.write(f"Error: {message}\n")


def _raise_if(debug: bool) -> None:
    if debug:
        raise  # noqa: PLE0704 - called while an error is being handled
