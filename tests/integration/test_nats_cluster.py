"""Three NATS servers with every message on each: one may die at any time, and nothing is lost."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import nats.errors
import pytest
from google.protobuf.message import Message

from services.chassis.bus import StepContext
from services.chassis.key_value import Entry
from services.chassis.messaging.jetstream import JetStreamLink
from services.chassis.messaging.streams import EVENTS, WORK
from services.chassis.queue_worker.working import working
from services.chassis.work import Progress, WorkHandler
from tests.eventually import eventually
from tests.nats_cluster import NatsCluster
from tests.nats_users import user_settings
from tests.nats_work import JOBS
from tests.probing import STEP_EVENTS, unique_id
from ttstrainer.media.v1.media_events_pb2 import MediaProbed
from ttstrainer.media.v1.media_service_pb2 import MediaInfo, ProbeMediaRequest

REPLICAS = 3
STEP_COUNT = 60
STREAMS = ("WORK", "EVENTS", "ADVISORIES", "DEAD", "KV_runs", "KV_step-failures")
SEED = 3

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[NatsCluster]:
    """Three servers that have found together."""
    cluster = NatsCluster(tmp_path)
    try:
        await eventually(cluster.is_whole, within_seconds=30)
        yield cluster
    finally:
        cluster.stop()


async def test_streams_and_buckets_get_their_replicas_also_when_they_were_there_before(
    cluster: NatsCluster,
) -> None:
    for replica_count in (1, REPLICAS):
        settings = user_settings("pipeline", cluster.url, nats_replicas=replica_count)
        async with JetStreamLink.connect(settings) as link:
            bucket = await link.key_value("runs")
            if replica_count == 1:
                await bucket.create("a", b"kept")
            await link.key_value("step-failures", ttl_seconds=3600)
            await eventually(partial(is_replicated, link, replica_count), within_seconds=30)
            assert await bucket.get("a") == Entry("a", b"kept", 1)
            failures = await link.jetstream.stream_info("KV_step-failures")
            assert failures.config.max_age == 3600


async def test_the_death_of_a_leader_loses_nothing_and_nothing_happens_twice(
    cluster: NatsCluster,
) -> None:
    dice = random.Random(SEED)  # noqa: S311 - seeded, so that a failure can be repeated
    job, run_id = JOBS[0], unique_id("run")
    names = [f"{n:02}" for n in range(STEP_COUNT)]
    killed_at = dice.randrange(STEP_COUNT // 4, STEP_COUNT // 2)
    seen: Counter[str] = Counter()
    heard: set[str] = set()

    async def probe(request: Message, progress: Progress) -> Message:
        assert isinstance(request, ProbeMediaRequest)
        await asyncio.sleep(dice.uniform(0, 0.05))
        seen[request.recording_id] += 1
        return MediaProbed(media=MediaInfo(recording_id=request.recording_id))

    async def hear(event: Message, context: StepContext | None) -> None:
        assert isinstance(event, MediaProbed)
        heard.add(event.media.recording_id)

    pipeline_settings = user_settings("pipeline", cluster.url, nats_replicas=REPLICAS)
    media_settings = user_settings("media", cluster.url, nats_replicas=REPLICAS)
    handler = WorkHandler(job.method, job.request, probe)
    async with (
        JetStreamLink.connect(pipeline_settings) as pipeline,
        JetStreamLink.connect(media_settings) as media,
        working(pipeline, [], STEP_EVENTS, pipeline_settings),
        working(media, [handler], STEP_EVENTS, media_settings),
    ):
        await pipeline.subscribe("pipeline", [MediaProbed], hear)
        bucket = await pipeline.key_value("runs")
        await bucket.create("a", b"kept")
        for index, name in enumerate(names):
            if index == killed_at:
                info = await pipeline.jetstream.stream_info(WORK)
                assert info.cluster
                assert info.cluster.leader
                victim = cluster.servers[info.cluster.leader]
                victim.kill()
            context = StepContext(run_id, f"probe/{name}", 1)
            request = ProbeMediaRequest(recording_id=name)
            await pipeline.work_queue.submit(job.method, request, context)
        await eventually(lambda: heard == set(names), within_seconds=40)
        facts = await pipeline.jetstream.stream_info(EVENTS)
        assert await bucket.get("a") == Entry("a", b"kept", 1)
        victim.start()
        await eventually(partial(is_replicated, pipeline, REPLICAS), within_seconds=40)
    assert set(seen) == set(names)
    assert facts.state.messages == STEP_COUNT, "each fact is kept once, however often it was told"


async def is_replicated(link: JetStreamLink, replica_count: int) -> bool:
    """Says whether each stream lies on so many servers, complete."""
    counts = set()
    for stream in STREAMS:
        try:
            info = await link.jetstream.stream_info(stream)
        except nats.errors.TimeoutError:  # it has no leader now
            return False
        assert info.cluster
        counts.add(1 + sum(bool(peer.current) for peer in info.cluster.replicas or []))
    return counts == {replica_count}
