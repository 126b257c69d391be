"""Containers die in the middle of a run: it ends by itself, as if nothing had been."""

import time
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from gateway.client.addresses import addresses_on
from gateway.client.client import Client
from services.chassis.errors import UnavailableError
from tests.containers.compose import ComposeStack
from tests.prove.containers.parts import only
from tests.prove.containers.proof import Proof
from tests.prove.containers.trials import Laboratory
from tests.prove.containers.waiting import until_anew, until_busy
from ttstrainer.inference.v1 import inference_service_pb2 as speech

WORKERS = ("media", "audio-qc", "transcription", "dataset")
SHARED = ("nats", "s3")
# Whose work is under way when a part dies; a seeded choice says which of them it is.
BUSY_PARTS = {
    **{name: (name,) for name in WORKERS},
    **dict.fromkeys(("pipeline", *SHARED), ("media", "audio-qc", "transcription")),
}

SENTENCE = "All circuits are busy now. "
SENTENCE_COUNT = 30

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


async def test_a_listener_is_told_that_speech_broke_off_and_hears_the_next_one(
    stack: ComposeStack, proof: Proof
) -> None:
    part = only(stack, "inference")
    async with Client(addresses_on(stack.host, {})) as client:
        assert await heard_seconds(client, SENTENCE) > 1
        request = speech.StreamSpeechRequest(text=SENTENCE * SENTENCE_COUNT)
        async with aclosing(client.inference.speak(request)) as spoken:
            while not (await anext(spoken)).HasField("chunk"):
                pass
            part.kill()
            with pytest.raises(UnavailableError) as broken_off:
                await seconds_of(spoken)
        assert "broke off" in broken_off.value.message
        seconds = await until_anew(stack, part)
        assert await heard_seconds(client, SENTENCE) > 1
    proof.notes.append(
        f"inference was killed while it spoke, and answered again after {seconds:.1f} s; who "
        f"listened was told: {broken_off.value.message}"
    )


async def heard_seconds(client: Client, text: str) -> float:
    """Has a text spoken; returns how long that is."""
    request = speech.StreamSpeechRequest(text=text)
    async with aclosing(client.inference.speak(request)) as spoken:
        return await seconds_of(spoken)


async def seconds_of(spoken: AsyncIterator[speech.SpeechPart]) -> float:
    """Listens to the end; returns how long the speech was."""
    async for piece in spoken:
        if piece.HasField("summary"):
            return piece.summary.audio_seconds
    return 0.0
