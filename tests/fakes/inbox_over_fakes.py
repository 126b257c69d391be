"""A pipeline with an inbox over fakes, and a MediaService that tests play."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

from services.chassis.artifacts import key_of
from services.pipeline.assembly import assembled
from services.pipeline.drops.bunches import Patience
from services.pipeline.drops.inbox import Inbox
from services.pipeline.run_model import Snapshot, StepRef
from services.pipeline.settings import PipelineSettings
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.bus import InMemoryBus, InMemoryWorkQueue
from tests.fakes.key_value import InMemoryKeyValue
from tests.fakes.pipeline import Clock, success

Meanwhile = Callable[[], Awaitable[None]]


class Registrar:
    """Registers whatever is there, unless it is told to fail."""

    def __init__(self, store: InMemoryArtifacts) -> None:
        """Knows nobody yet who fails; `errors` is by key, `meanwhile` goes on while it reads."""
        self.store = store
        self.errors: dict[str, Exception] = {}
        self.meanwhile: Meanwhile | None = None

    async def register(self, source_uri: str, display_name: str) -> str:
        """See Registrar."""
        key = key_of(source_uri)
        if error := self.errors.get(key):
            raise error
        content = await self.store.read(key)
        if self.meanwhile:
            await self.meanwhile()
        return hashlib.sha256(content).hexdigest()


class InboxOverFakes:
    """What tests drop into, and look at."""

    def __init__(self) -> None:
        """Starts with nothing dropped."""
        self.store = InMemoryArtifacts()
        self.clock = Clock()
        self.bucket = InMemoryKeyValue(self.clock)
        self.work_queue = InMemoryWorkQueue()
        self.registrar = Registrar(self.store)
        self.pipeline = assembled(
            PipelineSettings(store_url="file:///unused", max_recordings=3),
            bucket=self.bucket,
            bus=InMemoryBus(),
            work_queue=self.work_queue,
            clock=self.clock,
            stopping=asyncio.Event(),
        )
        self.inbox = self.another_inbox()

    def another_inbox(self) -> Inbox:
        """An inbox over the same fakes, as after a restart."""
        return Inbox(
            store=self.store,
            bucket=self.bucket,
            registrar=self.registrar,
            runs=self.pipeline.runs,
            patience=Patience(5, 20),
            kept_for=timedelta(days=90),
            clock=self.clock,
        )

    async def drop(self, name: str, content: str = "video") -> None:
        """Puts a file under inbox/."""
        await self.store.write(f"inbox/{name}", content.encode())

    async def settle(self) -> None:
        """Lets a quiet while pass."""
        await self.inbox.poll()
        self.clock.pass_seconds(20)
        await self.inbox.poll()

    async def runs(self) -> list[Snapshot]:
        """All runs, the oldest first."""
        return list((await self.pipeline.runs.page(100, "")).runs)[::-1]

    async def work_all_off(self) -> None:
        """Plays workers that succeed with everything."""
        asked = self.work_queue.submitted
        for number, each in enumerate(asked, 1):  # it grows meanwhile
            context = each.context
            step = StepRef.parse(context.run_id, context.step_id, context.attempt)
            await self.pipeline.conductor.hear(success(step))
            if number == len(asked):
                await self.pipeline.sweep.sweep()  # a run may wait for this one
