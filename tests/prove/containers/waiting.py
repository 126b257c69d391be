"""Waiting for what containers and runs do."""

import time
from contextlib import suppress
from functools import partial

from gateway.client.addresses import addresses_on
from gateway.client.client import Client
from gateway.client.health import is_serving
from gateway.client.retrying import Patience
from services.chassis.errors import ServiceError
from tests.containers.compose import PORTS, ComposeStack
from tests.containers.engine import docker, inspect
from tests.eventually import eventually
from tests.prove.containers.parts import Container
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb

BUSY_SECONDS = 120
BACK_SECONDS = 120
END_SECONDS = 240
CHECKS = {"nats": "http://127.0.0.1:8222/healthz", "s3": "http://127.0.0.1:8333/healthz"}


async def until_busy(*parts: Container) -> Container:
    """Waits until one of these workers works on a step, and returns it."""

    def busy() -> list[Container]:
        return [part for part in parts if part.in_flight_count()]

    return (await eventually(busy, within_seconds=BUSY_SECONDS, every_seconds=0.01))[0]


async def until_anew(stack: ComposeStack, part: Container) -> float:
    """Waits until a part that ended was started anew and answers; returns the seconds it took."""
    start = time.monotonic()
    await eventually(
        lambda: inspect(part.name)["State"]["StartedAt"] != part.started,
        within_seconds=BACK_SECONDS,
        every_seconds=0.1,
    )
    await until_answering(stack, part)
    return time.monotonic() - start


async def until_answering(stack: ComposeStack, part: Container) -> None:
    """Waits until a part answers."""
    answers = partial(_answers, stack, part)
    await eventually(answers, within_seconds=BACK_SECONDS, every_seconds=0.1)


async def run_of(stack: ComposeStack, voice: str) -> pb.Run | None:
    """Returns the newest run of a voice, or None as long as there is none or nobody answers."""
    with suppress(ServiceError):
        async with Client(addresses_on(stack.host, {}), patience=_none) as client:
            for run in await client.pipeline.runs(voice=voice, limit=1):
                return await client.pipeline.get(run.run_id)
    return None


async def ended_run(stack: ComposeStack, voice: str) -> pb.Run:
    """Waits until the newest run of a voice has ended, and returns it."""

    async def ended() -> pb.Run | None:
        run = await run_of(stack, voice)
        return run if run and run.state != pb.STATE_RUNNING else None

    found = await eventually(ended, within_seconds=END_SECONDS, every_seconds=0.5)
    assert found is not None
    return found


async def _answers(stack: ComposeStack, part: Container) -> bool:
    if part.service in PORTS:
        return await is_serving(stack.address(part.service))
    asked = docker("exec", part.name, "wget", "-qO", "/dev/null", CHECKS[part.service], check=False)
    return not asked


def _none() -> Patience:
    return Patience(give_up_seconds=0)
