"""Old runs leave a real NATS server, whoever else is at it and whatever breaks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from services.chassis.errors import UnavailableError
from services.chassis.key_value import KeyValue
from services.chassis.messaging.jetstream import JetStreamLink
from services.pipeline.assembly import Pipeline, assembled
from services.pipeline.retention import Retention
from services.pipeline.run_model import Options
from services.pipeline.run_removal import RunRemoval
from services.pipeline.settings import PipelineSettings
from tests.eventually import eventually
from tests.fakes.pipeline import Clock, source
from tests.servers import NatsServer

LONG = timedelta(days=91).total_seconds()


class Replica:
    """One process that leads runs, whose clock stands where the test wants it."""

    def __init__(self, link: JetStreamLink, bucket: KeyValue, pipeline: Pipeline) -> None:
        self.link = link
        self.bucket = bucket
        self.pipeline = pipeline

    async def cancelled_runs(self, count: int) -> list[str]:
        sources = [source(name) for name in "abc"]
        begun = [await self.pipeline.runs.start("ada", sources, Options()) for _ in range(count)]
        return [(await self.pipeline.runs.cancel(it.run.run_id)).run.run_id for it in begun]

    async def look(self) -> None:
        assert self.pipeline.retention
        await self.pipeline.retention.look()

    async def listed(self) -> list[str]:
        return [it.run.run_id for it in (await self.pipeline.runs.page(100, "")).runs]


@asynccontextmanager
async def replica(server: NatsServer, clock: Clock) -> AsyncIterator[Replica]:
    settings = PipelineSettings(nats_url=server.url, store_url="file:///unused")
    async with JetStreamLink.connect(settings) as link:
        bucket = await link.key_value("runs")
        yield Replica(
            link,
            bucket,
            assembled(
                settings,
                bucket=bucket,
                bus=link.bus,
                work_queue=link.work_queue,
                clock=clock,
                stopping=asyncio.Event(),
            ),
        )


def removed_count() -> float:
    return REGISTRY.get_sample_value("ttstrainer_runs_removed_total") or 0.0


async def test_two_replicas_remove_each_old_run_once_and_no_other(
    own_nats_server: NatsServer,
) -> None:
    clock = Clock(datetime.now(UTC))
    async with replica(own_nats_server, clock) as one, replica(own_nats_server, clock) as other:
        await one.cancelled_runs(20)
        under_way = (await one.pipeline.runs.start("ada", [source("a")], Options())).run.run_id
        clock.pass_seconds(LONG)
        before = removed_count()
        (young,) = await one.cancelled_runs(1)

        await asyncio.gather(one.look(), other.look(), one.look())

        assert removed_count() - before == 20
        assert await other.listed() == sorted([under_way, young], reverse=True)
        left = await other.bucket.keys()
        assert all(under_way in key or young in key for key in left if "request" not in key)


async def test_a_removal_that_the_end_of_the_server_cut_short_is_finished(
    own_nats_server: NatsServer,
) -> None:
    clock = Clock(datetime.now(UTC))
    async with replica(own_nats_server, clock) as one:
        await one.cancelled_runs(20)
        clock.pass_seconds(LONG)

        before = removed_count()
        looking = asyncio.create_task(one.look())
        await eventually(lambda: removed_count() - before >= 5, within_seconds=60, every_seconds=0)
        own_nats_server.kill()
        with pytest.raises(UnavailableError):
            await looking
        own_nats_server.start()
        await one.link.reconnections.wait()
        for _ in range(2):
            await one.look()

        assert await one.bucket.keys() == []


async def test_a_round_reads_no_run_that_is_young(own_nats_server: NatsServer) -> None:
    clock = Clock(datetime.now(UTC))
    async with replica(own_nats_server, clock) as one:
        await one.cancelled_runs(5)
        removal = RunRemoval(one.bucket)

        async def read_count(before: datetime) -> int:
            return len([it async for it in removal.runs_untouched(before)])

        assert await read_count(clock() - timedelta(days=90)) == 0
        assert await read_count(clock() + timedelta(days=1)) == 5


async def test_a_run_that_somebody_retries_stays_whole(own_nats_server: NatsServer) -> None:
    clock = Clock(datetime.now(UTC))
    async with replica(own_nats_server, clock) as one, replica(own_nats_server, clock) as other:
        run_ids = await one.cancelled_runs(10)
        clock.pass_seconds(LONG)
        retention = Retention(RunRemoval(one.bucket), timedelta(days=90), clock, pause_seconds=0)

        outcomes = await asyncio.gather(
            retention.look(),
            *(other.pipeline.runs.retry(run_id) for run_id in run_ids),
            return_exceptions=True,
        )

        # Each is retried or gone, and none is both: what is there can be shown as a whole.
        retried = [it.run.run_id for it in outcomes[1:] if not isinstance(it, BaseException | None)]
        assert sorted(await other.listed()) == sorted(retried)
        await retention.look()
        for run_id in retried:
            assert len((await other.pipeline.runs.get(run_id)).recordings) == 3
