import asyncio

import pytest

from gateway.embedded.errors import StackError
from gateway.embedded.shared_stack import while_alive


async def test_a_command_ends_with_what_to_do_when_the_owner_of_its_stack_has_died() -> None:
    owner = await asyncio.create_subprocess_exec("sleep", "60")
    started = asyncio.Event()

    async def attached() -> None:
        async with while_alive(owner.pid):
            started.set()
            await asyncio.Event().wait()

    command = asyncio.create_task(attached())
    await started.wait()
    owner.kill()
    await owner.wait()
    with pytest.raises(StackError, match="Give this one again"):
        async with asyncio.timeout(20):
            await command


async def test_an_interruption_of_an_attached_command_stays_one() -> None:
    owner = await asyncio.create_subprocess_exec("sleep", "60")

    async def attached() -> None:
        async with while_alive(owner.pid):
            await asyncio.Event().wait()

    command = asyncio.create_task(attached())
    await asyncio.sleep(0)
    command.cancel()
    with pytest.raises(asyncio.CancelledError):
        await command
    owner.kill()
    await owner.wait()
