"""Disks fill up and memory runs out: the run waits for room, or ends and says for want of what."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.containers.compose import ComposeStack, wait_until_healthy
from tests.containers.engine import docker, inspect
from tests.e2e.command import tts_trainer
from tests.eventually import eventually
from tests.prove.containers.disks import disk_of
from tests.prove.containers.parts import log_lines, messages_in, only
from tests.prove.containers.proof import Proof
from tests.prove.containers.trials import Laboratory, Trial
from tests.prove.containers.waiting import until_busy

SMALL_DISKS = "../../tests/prove/containers/small_disks"
FULL = {
    "small-scratch": ("audio-qc", "audio-qc", "SCRATCH_FULL"),
    "small-s3": ("s3", "media", "STORE_UNAVAILABLE"),
}
"""Volume -> whose disk it is, who works when it gets full, and the reason that is given."""
FEW_BYTES = 256 << 10
DELIVERIES = 2
SPARE_MEMORY_RATIO = 1.05
NOTED_SECONDS = 120

pytestmark = pytest.mark.timeout(480)


@pytest.fixture
def small(stack: ComposeStack) -> Iterator[ComposeStack]:
    """The stack with small disks, for as long as the test lasts."""
    changed = replace(stack, overlays=(SMALL_DISKS,))
    changed.run("up", "--detach", "--no-build")
    wait_until_healthy(changed)
    yield changed
    stack.run("up", "--detach", "--no-build")
    docker("volume", "rm", *(f"{stack.project}_{name}" for name in ("small-scratch", "small-s3")))


@pytest.fixture
def impatient(stack: ComposeStack) -> Iterator[ComposeStack]:
    """The stack, giving a step of audio-qc up after a few workers."""
    changed = replace(stack, variables={"TTSTRAINER_MAX_DELIVERIES": str(DELIVERIES)})
    changed.run("up", "--detach", "--no-build", "--no-deps", "audio-qc")
    wait_until_healthy(changed)
    yield changed
    stack.run("up", "--detach", "--no-build", "--no-deps", "audio-qc")


@pytest.mark.parametrize("volume", FULL)
async def test_a_run_waits_until_a_full_disk_has_room_again(
    volume: str, small: ComposeStack, laboratory: Laboratory, proof: Proof
) -> None:
    owner, busy, reason = FULL[volume]
    trial = laboratory.trial(f"full {volume}")
    disk = disk_of(small, volume)
    with trial.run() as run:
        await until_busy(only(small, busy))
        disk.leave_free(FEW_BYTES)
        try:
            await eventually(
                lambda: reason in reasons_of_retries(small, trial),
                within_seconds=NOTED_SECONDS,
                every_seconds=0.5,
            )
        finally:
            disk.restore()
        start = time.monotonic()
        ended = run.ended()
        trial.check(ended)
    notes = [event["message"] for event in ended.events if event["type"] == "note"]
    told = sorted({note for note in notes if "tried again" in note})
    assert told, notes
    proof.add(f"disk of {owner} full", busy, time.monotonic() - start, trial)
    proof.notes.append(f"While the disk of {owner} was full, the run said: {told[0]}")


async def test_a_run_whose_workers_run_out_of_memory_ends_and_says_so(
    impatient: ComposeStack, laboratory: Laboratory, proof: Proof
) -> None:
    trial = laboratory.trial("out of memory", video_count=1)
    part = only(impatient, "audio-qc")
    allowed = inspect(part.name)["HostConfig"]["Memory"]
    limit_memory(part.name, int(part.used_memory_bytes() * SPARE_MEMORY_RATIO))
    home = trial.videos.parent / "home"
    try:
        with trial.run() as run:
            failed = run.ended()
        message = failed.error["message"]
        assert "AudioQcService" in message
        assert f"{DELIVERIES} deliveries" in message
        # The engine counts a death when it starts the container again, which it may put off.
        await eventually(lambda: inspect(part.name)["RestartCount"] >= DELIVERIES)
        killed_count = inspect(part.name)["RestartCount"]
    finally:
        limit_memory(part.name, allowed)
    seconds = time.monotonic() - trial.start
    assert messages_in(impatient, "DEAD") > trial.buried_count
    (run_id,) = [each["run_id"] for each in runs_of(trial)]
    retried = tts_trainer("runs", "retry", run_id, "--server", impatient.host, home=home)
    assert retried.exit_code == 0, retried
    assert retried.result["dataset"]["digest"] == trial.digest
    proof.add("audio-qc out of memory; retried with more", "audio-qc", seconds, trial)
    proof.notes.append(
        f"Out of memory, audio-qc was killed {killed_count} times, and the run ended after "
        f"{seconds:.0f} s: {message}"
    )


def limit_memory(name: str, size_bytes: int) -> None:
    """Changes what a running container may use."""
    docker("update", "--memory", str(size_bytes), "--memory-swap", str(size_bytes), name)


def reasons_of_retries(stack: ComposeStack, trial: Trial) -> set[str]:
    """Returns why steps were put back since the trial began."""
    lines = log_lines(stack, trial.start_time)
    return {str(line["reason"]) for line in lines if line.get("outcome") == "retried"}


def runs_of(trial: Trial) -> list[dict[str, str]]:
    """Returns the runs of the trial's voice."""
    options = ("--voice", trial.voice, "--server", trial.stack.host)
    listed = tts_trainer("runs", "list", *options, home=trial.videos.parent / "home")
    return list(listed.result["runs"])
