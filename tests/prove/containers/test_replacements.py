"""Workers are added, taken away and upgraded in the middle of a run, and nothing is done twice."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from gateway.client.addresses import addresses_on
from gateway.client.client import Client
from tests.containers.compose import PORTS, ComposeStack, wait_until_healthy
from tests.containers.engine import docker, inspect
from tests.prove.containers.parts import all_of, only
from tests.prove.containers.proof import Proof
from tests.prove.containers.trials import Laboratory
from tests.prove.containers.waiting import run_of, until_answering, until_busy
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb

TRANSCRIBE = "ttstrainer.transcription.v1.TranscriptionService.TranscribeAudio"
WORKER = "transcription-worker"
NEXT = "prove-next"
REVISION = "org.opencontainers.image.revision"
PAUSE_SECONDS = 0.2
NOBODY = "0" * 64
"""The sha256 of no recording."""

pytestmark = pytest.mark.timeout(480)


@pytest.fixture
def workers(stack: ComposeStack) -> Iterator[ComposeStack]:
    """The stack, without additional workers at the end."""
    yield stack
    scale(stack, 0)


@pytest.fixture
def upgraded(stack: ComposeStack, tmp_path: Path) -> Iterator[ComposeStack]:
    """The stack as it is to become: images that differ in nothing but their revision."""
    for component in PORTS:
        base = inspect(only(stack, component).name)["Config"]["Image"]
        (tmp_path / "Dockerfile").write_text(f'FROM {base}\nLABEL {REVISION}="{NEXT}"\n')
        docker("build", "--quiet", "--tag", f"tts-trainer/{component}:{NEXT}", str(tmp_path))
    yield replace(stack, variables={"IMAGE_TAG": NEXT})
    stack.run("up", "--detach", "--no-build")
    docker("rmi", *(f"tts-trainer/{component}:{NEXT}" for component in PORTS))


async def test_three_workers_share_the_steps_and_each_is_computed_once(
    workers: ComposeStack, laboratory: Laboratory, proof: Proof
) -> None:
    trial = laboratory.trial("scaled out", video_count=12, prompt_count=1)
    first = only(workers, "transcription")
    before = first.computed_count(TRANSCRIBE)
    with trial.run() as run:
        start = time.monotonic()
        scale(workers, 2)
        wait_until_healthy(workers)
        seconds = time.monotonic() - start
        trial.check(run.ended())
    shares = [first.computed_count(TRANSCRIBE) - before]
    shares += [each.computed_count(TRANSCRIBE) for each in all_of(workers, WORKER)]
    assert len(shares) == 3
    assert min(shares) > 0, shares
    assert sum(shares) == trial.transcribed_count
    proof.add(f"transcription scaled to 3 (shares {shares})", "media", seconds, trial)


async def test_workers_that_are_taken_away_leave_nothing_undone(
    workers: ComposeStack, laboratory: Laboratory, proof: Proof
) -> None:
    scale(workers, 2)
    wait_until_healthy(workers)
    trial = laboratory.trial("scaled in", video_count=4, prompt_count=2)
    with trial.run() as run:
        await until_busy(*all_of(workers, WORKER))
        start = time.monotonic()
        scale(workers, 0)
        seconds = time.monotonic() - start
        assert all_of(workers, WORKER) == []
        trial.check(run.ended())
    proof.add("transcription scaled from 3 to 1", WORKER, seconds, trial)


async def test_a_rolling_upgrade_fails_no_step_and_no_call(
    stack: ComposeStack, upgraded: ComposeStack, laboratory: Laboratory, proof: Proof
) -> None:
    trial = laboratory.trial("upgraded", video_count=8, prompt_count=2)
    during = []
    with trial.run() as run:
        await until_busy(only(stack, "audio-qc"))
        start = time.monotonic()
        async with asking(stack) as asked:
            for service in PORTS:
                part = only(stack, service)
                found = await run_of(stack, trial.voice)
                during += [service] if found and found.state == pb.STATE_RUNNING else []
                command = ("up", "--detach", "--no-build", "--no-deps", service)
                await asyncio.to_thread(upgraded.run, *command)
                await until_answering(stack, part)
        seconds = time.monotonic() - start
        trial.check(run.ended())
    for service in PORTS:
        assert inspect(only(stack, service).name)["Config"]["Labels"][REVISION] == NEXT
    assert during, "the run was over before anything was upgraded"
    proof.add(
        f"rolling upgrade ({len(during)} of {len(PORTS)} services before its end)",
        "audio-qc",
        seconds,
        trial,
    )
    proof.notes.append(
        f"During the upgrade {asked.count} calls were answered, none failed; the longest took "
        f"{asked.longest_seconds:.1f} s."
    )


def scale(stack: ComposeStack, count: int) -> None:
    """Has this many additional transcription workers; touches nothing else."""
    untouched = ("--detach", "--no-build", "--no-deps", "--no-recreate")
    wanted = ("--scale", f"{WORKER}={count}", WORKER)
    stack.run("--profile", "workers", "up", *untouched, *wanted)


@dataclass(slots=True)
class Asked:
    """Calls that somebody makes all the time."""

    count: int = 0
    longest_seconds: float = 0.0


@asynccontextmanager
async def asking(stack: ComposeStack) -> AsyncIterator[Asked]:
    """Calls services as the command does, again and again; a call that fails, fails the block."""
    asked = Asked()

    async def ask() -> None:
        async with Client(addresses_on(stack.host, {})) as client:
            while True:
                holds = partial(client.media.holds, NOBODY)
                for call in (client.pipeline.runs, holds, client.engines.models):
                    start = time.monotonic()
                    await call()
                    asked.longest_seconds = max(asked.longest_seconds, time.monotonic() - start)
                    asked.count += 1
                await asyncio.sleep(PAUSE_SECONDS)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(ask())
        yield asked
        task.cancel()
