"""A stack that stands until it is told to end; its one line of output says that it answers.

Unlike `tts-trainer up`, it leaves the usual ports alone, which may be somebody else's.
"""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

from gateway.embedded.data_folder import DataFolder
from gateway.embedded.shared_stack import shared_stack
from gateway.embedded.stack import transient_plan
from gateway.services import ALL


async def stand(folder: DataFolder) -> None:
    """Runs every service; commands with the same data folder use them."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with shared_stack(
        folder, ALL, os.environ, planner=transient_plan, note=print, may_attach=False
    ) as shared:
        print(shared.info.owner_pid, flush=True)  # noqa: T201 - for whoever started this
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(stand(DataFolder(Path(sys.argv[1]))))
