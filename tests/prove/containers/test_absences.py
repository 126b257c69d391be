"""Parts are out of reach for a while, or all are down: a drop's run goes on where it was."""

import asyncio
import time
from pathlib import Path

import pytest

from tests.containers.compose import ComposeStack, wait_until_healthy
from tests.prove.containers.parts import only
from tests.prove.containers.proof import Proof
from tests.prove.containers.trials import Laboratory
from tests.prove.containers.waiting import ended_run, until_answering, until_busy

CUT_SECONDS = 60
BUSY_PARTS = {"transcription": "transcription", "pipeline": "audio-qc"}

pytestmark = pytest.mark.timeout(480)


@pytest.mark.parametrize("victim", BUSY_PARTS)
async def test_a_run_survives_a_minute_without_the_network(
    victim: str, stack: ComposeStack, laboratory: Laboratory, proof: Proof, inbox: Path
) -> None:
    trial = laboratory.trial(f"cut off {victim}")
    part, busy = only(stack, victim), only(stack, BUSY_PARTS[victim])
    trial.drop(inbox)
    await until_busy(busy)
    part.cut_off()
    try:
        # The fault itself, not a guess how long something takes.
        await asyncio.sleep(CUT_SECONDS)
    finally:
        part.join_again()
    start = time.monotonic()
    await until_answering(stack, part)
    seconds = time.monotonic() - start
    trial.check_run(await ended_run(stack, trial.voice))
    assert only(stack, victim).started == part.started, "it was to wait, not to end"
    proof.add(f"{victim} off the network for a minute", busy.service, seconds, trial)


async def test_a_run_survives_that_everything_goes_down_and_comes_up(
    stack: ComposeStack, laboratory: Laboratory, proof: Proof, inbox: Path
) -> None:
    trial = laboratory.trial("down and up")
    busy = laboratory.random("down").choice(("media", "audio-qc", "transcription"))
    trial.drop(inbox)
    await until_busy(only(stack, busy))
    stack.run("down", "--timeout", "40")
    assert stack.containers() == []
    start = time.monotonic()
    stack.run("up", "--detach", "--no-build")
    wait_until_healthy(stack)
    seconds = time.monotonic() - start
    trial.check_run(await ended_run(stack, trial.voice))
    proof.add("everything down and up", busy, seconds, trial)
