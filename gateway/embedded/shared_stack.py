"""One stack per data folder: the first command runs it, others that come meanwhile use it."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from gateway.embedded.data_folder import DataFolder
from gateway.embedded.errors import StackError
from gateway.embedded.locks import FileLock
from gateway.embedded.stack import Stack, StackPlan, running_stack
from gateway.embedded.stack_file import StackInfo, is_alive, read_stack_file, write_stack_file
from gateway.services import Service
from services.chassis.beside import running_beside

POLL_SECONDS = 0.2
MAX_WAIT_SECONDS = 3600.0

Note = Callable[[str], None]
Planner = Callable[[DataFolder, tuple[Service, ...]], AbstractAsyncContextManager[StackPlan]]
"""Gives a plan for as long as the stack runs."""


@dataclass(frozen=True, slots=True)
class SharedStack:
    """A stack that answers."""

    info: StackInfo
    own: Stack | None
    """The stack itself when this process runs it; None when another command does."""


@asynccontextmanager
async def shared_stack(
    data_folder: DataFolder,
    services: tuple[Service, ...],
    inherited: Mapping[str, str],
    *,
    planner: Planner,
    note: Note,
    may_attach: bool = True,
) -> AsyncIterator[SharedStack]:
    """Runs a stack with these services, or uses the one that another command runs.

    Raises:
        StackError: when the stack cannot run, or may not be shared and is taken.
    """
    data_folder.create()
    with FileLock(data_folder.stack_lock) as ownership, FileLock(data_folder.clients_lock) as use:
        info = await _found(data_folder, services, ownership, use, note, may_attach=may_attach)
        if info is not None:
            async with while_alive(info.owner_pid):
                yield SharedStack(info, None)
            return
        await asyncio.to_thread(_tidy, data_folder)
        async with (
            planner(data_folder, services) as plan,
            running_stack(plan, inherited) as stack,
        ):
            write_stack_file(data_folder.stack_file, plan.info)
            try:
                yield SharedStack(plan.info, stack)
                await _until_unused(use, note)
            except asyncio.CancelledError:
                if not stack.failed:
                    await _until_unused(use, note)
                raise
            finally:
                data_folder.stack_file.unlink(missing_ok=True)


@asynccontextmanager
async def while_alive(owner_pid: int) -> AsyncIterator[None]:
    """Ends the block with a StackError when the process that runs the stack has ended."""
    body = asyncio.current_task()
    died = False

    async def watch() -> None:
        nonlocal died
        while not died:
            await asyncio.sleep(POLL_SECONDS)
            died = not is_alive(owner_pid)
        if body is not None:
            body.cancel()

    async with running_beside(watch()):
        try:
            yield
        except asyncio.CancelledError:
            if not died or body is None or body.uncancel():
                raise
            message = (
                "The command that ran the services has ended. Give this one again: "
                "it goes on where it stopped."
            )
            raise StackError(message) from None


def _tidy(data_folder: DataFolder) -> None:
    """Removes what an owner that was killed has left behind."""
    data_folder.stack_file.unlink(missing_ok=True)
    shutil.rmtree(data_folder.scratch, ignore_errors=True)


async def _found(
    data_folder: DataFolder,
    services: tuple[Service, ...],
    ownership: FileLock,
    use: FileLock,
    note: Note,
    *,
    may_attach: bool,
) -> StackInfo | None:
    """Returns the running stack, its lock shared, or None, the ownership taken."""
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    told = False
    while not ownership.try_exclusive():
        if not may_attach:
            message = f"A stack runs in {data_folder.root} already: stop that one first."
            raise StackError(message)
        if use.try_shared():
            # Held before the file is read: from here on the owner waits for us.
            info = read_stack_file(data_folder.stack_file)
            if info is not None and info.serves(services):
                return info
            use.release()
            if info is not None and not told:
                note(f"Waiting for another command that uses {data_folder.root} to finish.")
                told = True
        if time.monotonic() > deadline:
            message = (
                f"Another command keeps {data_folder.root} busy: set TTSTRAINER_HOME to use "
                "another data folder."
            )
            raise StackError(message)
        await asyncio.sleep(POLL_SECONDS)
    return None


async def _until_unused(use: FileLock, note: Note) -> None:
    """Waits for the commands that use the stack; none can join once this has returned."""
    told = False
    while not use.try_exclusive():
        if not told:
            note("Other commands still use this stack: it stops when they are done.")
            told = True
        await asyncio.sleep(POLL_SECONDS)
