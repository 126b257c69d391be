"""Containers die, hang and are replaced in the middle of a run: it ends as if nothing had been."""

import time
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from gateway.client.health import is_serving
from tests.containers.compose import PORTS, ComposeStack
from tests.containers.engine import docker, inspect
from tests.e2e.command import Command
from tests.eventually import eventually
from tests.prove.containers import Container, only
from tests.prove.proof import Proof, Row
from tests.prove.trials import Laboratory, Trial

WORKERS = ("media", "audio-qc", "transcription", "dataset")
SHARED = ("nats", "s3")
# Whose work is under way when a part dies; a seeded choice says which of them it is.
BUSY_PARTS = {
    **{name: (name,) for name in WORKERS},
    **dict.fromkeys(("pipeline", *SHARED), ("media", "audio-qc", "transcription")),
}
BUSY_SECONDS = 120
BACK_SECONDS = 120

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
        seconds = await recovery(stack, part)
        trial.check(run.ended())
    proof.rows.append(row(f"{victim} killed", busy.service, seconds, trial))


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
        await recovery(stack, part)
        seconds = time.monotonic() - start
        trial.check(run.ended())
    proof.rows.append(row(f"{victim} restarted", busy.service, seconds, trial))


async def until_busy(part: Container) -> None:
    """Waits until a worker works on a step."""
    await eventually(part.in_flight_count, within_seconds=BUSY_SECONDS, every_seconds=0.01)


async def recovery(stack: ComposeStack, part: Container) -> float:
    """Waits until a part that died is there again, and returns how long that took in seconds."""
    start = time.monotonic()
    answers = partial(answers_again, stack, part)
    await eventually(answers, within_seconds=BACK_SECONDS, every_seconds=0.2)
    return time.monotonic() - start


async def answers_again(stack: ComposeStack, part: Container) -> bool:
    """Says whether the container was started anew and serves."""
    if inspect(part.name)["State"]["StartedAt"] == part.started:
        return False
    if part.service in PORTS:
        return await is_serving(stack.address(part.service))
    checks = {"nats": "8222/healthz", "s3": "8333/healthz"}
    url = f"http://127.0.0.1:{checks[part.service]}"
    return not docker("exec", part.name, "wget", "-q", "-O", "/dev/null", url, check=False)


def row(fault: str, busy: str, seconds: float, trial: Trial) -> Row:
    """Notes what a fault did to a run that came through."""
    return Row(
        fault=fault,
        moment=busy,
        recovery_seconds=seconds,
        run_seconds=time.monotonic() - trial.start,
        repeated_count=trial.repeated_count(),
        outcome="equal " + trial.digest.removeprefix("sha256:")[:8],
    )
