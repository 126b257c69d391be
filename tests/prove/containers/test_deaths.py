"""Containers die in the middle of a run: it ends by itself, as if nothing had been."""

import time

import pytest

from tests.containers.compose import ComposeStack
from tests.prove.containers.parts import only
from tests.prove.containers.proof import Proof
from tests.prove.containers.trials import Laboratory
from tests.prove.containers.waiting import until_anew, until_busy

WORKERS = ("media", "audio-qc", "transcription", "dataset")
SHARED = ("nats", "s3")
# Whose work is under way when a part dies; a seeded choice says which of them it is.
BUSY_PARTS = {
    **{name: (name,) for name in WORKERS},
    **dict.fromkeys(("pipeline", *SHARED), ("media", "audio-qc", "transcription")),
}

pytestmark = pytest.mark.timeout(420)


@pytest.mark.parametrize("victim", BUSY_PARTS)
async def test_a_run_survives_a_killed_container(
    victim: str, stack: ComposeStack, laboratory: Laboratory, proof: Proof
) -> None:
    trial = laboratory.trial(f"killed {victim}")
    busy = only(stack, laboratory.random(victim).choice(BUSY_PARTS[victim]))
    part = only(stack, victim)
    with trial.run() as run:
        await until_busy(busy)
        part.kill()
        seconds = await until_anew(stack, part)
        trial.check(run.ended())
    proof.add(f"{victim} killed", busy.service, seconds, trial)


@pytest.mark.parametrize("victim", SHARED)
async def test_a_run_survives_a_restart_in_good_order(
    victim: str, stack: ComposeStack, laboratory: Laboratory, proof: Proof
) -> None:
    trial = laboratory.trial(f"restarted {victim}")
    busy = only(stack, laboratory.random(f"restarted {victim}").choice(BUSY_PARTS[victim]))
    part = only(stack, victim)
    with trial.run() as run:
        await until_busy(busy)
        start = time.monotonic()
        stack.run("restart", "--timeout", "40", victim)
        await until_anew(stack, part)
        seconds = time.monotonic() - start
        trial.check(run.ended())
    proof.add(f"{victim} restarted", busy.service, seconds, trial)
