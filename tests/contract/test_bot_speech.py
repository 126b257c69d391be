"""The bot's speech, behind a real channel to an inference service."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing

import pytest

from bot.speech.inference import BROKE_OFF, NOT_THERE, InferenceSpeech
from bot.speech.order import SpeechOrder
from bot.speech.source import Pcm
from gateway.client.client import Client
from services.chassis.errors import (
    ConflictError,
    NotFoundError,
    OverloadedError,
    ServiceError,
    UnauthenticatedError,
    UnavailableError,
)
from tests.eventually import eventually
from tests.fakes.speaking_services import SpeakingServices
from tests.fakes.speech_service import CHUNK, RATE_HERTZ
from tests.impatience import impatience
from ttstrainer.inference.v1.inference_service_pb2 import PRIORITY_INTERACTIVE

ORDER = SpeechOrder(
    "one two three",
    voice_id="ada",
    language_code="en",
    speed=1.25,
    pronunciations=(("nginx", "engine ex"),),
    max_audio_seconds=30.0,
)


@pytest.fixture
def services() -> SpeakingServices:
    return SpeakingServices()


@pytest.fixture
async def client(services: SpeakingServices) -> AsyncIterator[Client]:
    async with (
        services.served() as address,
        Client({"inference": address}, patience=impatience) as client,
    ):
        yield client


@pytest.fixture
def speech(client: Client) -> InferenceSpeech:
    return InferenceSpeech(client.inference)


async def all_of(speech: InferenceSpeech, order: SpeechOrder = ORDER) -> list[Pcm]:
    return [piece async for piece in speech.speak(order)]


async def test_an_order_is_spoken_as_it_says(
    services: SpeakingServices, speech: InferenceSpeech
) -> None:
    assert await all_of(speech) == 3 * [Pcm(CHUNK, RATE_HERTZ)]
    options = services.inference.options
    assert services.inference.texts == ["one two three"]
    assert (options.voice_id, options.language_code) == ("ada", "en")
    assert options.speed == 1.25
    assert options.priority == PRIORITY_INTERACTIVE
    assert options.max_audio_seconds == 30.0
    (pronunciation,) = options.pronunciations
    assert (pronunciation.written, pronunciation.spoken) == ("nginx", "engine ex")


async def test_a_service_that_is_full_for_a_moment_is_asked_again(
    services: SpeakingServices, speech: InferenceSpeech
) -> None:
    services.inference.refusals = [OverloadedError("Full.", retry_after_seconds=0.01)]
    assert len(await all_of(speech)) == 3


async def test_what_the_service_refuses_is_said_in_its_words(
    services: SpeakingServices, speech: InferenceSpeech
) -> None:
    services.inference.refusals = [NotFoundError("There is no voice ada.")]
    with pytest.raises(NotFoundError, match="There is no voice ada"):
        await all_of(speech)


@pytest.mark.parametrize(
    ("refusal", "word"),
    [
        (NotFoundError("No voice x; ListVoices names them.", reason="VOICE_NOT_FOUND"), "`voice`"),
        (ConflictError("engines load xtts", reason="LICENCE_NOT_ACCEPTED"), "who runs me"),
        (UnauthenticatedError("Send a bearer token."), "who runs me"),
    ],
)
async def test_what_is_meant_for_those_who_run_the_service_is_said_in_other_words(
    services: SpeakingServices, speech: InferenceSpeech, refusal: ServiceError, word: str
) -> None:
    services.inference.refusals = [refusal]
    with pytest.raises(ServiceError) as failure:
        await all_of(speech)
    assert word in failure.value.message
    assert refusal.message not in failure.value.message
    assert failure.value.reason == refusal.reason


async def test_a_service_that_is_not_there_is_said_without_its_address() -> None:
    async with Client({"inference": "127.0.0.1:1"}, patience=impatience) as client:
        with pytest.raises(UnavailableError) as failure:
            await all_of(InferenceSpeech(client.inference))
        assert failure.value.message == NOT_THERE


async def test_a_service_that_stops_in_the_middle_is_said(
    services: SpeakingServices, speech: InferenceSpeech
) -> None:
    services.inference.breaks_after = 1
    pieces = speech.speak(ORDER)
    await anext(pieces)
    with pytest.raises(UnavailableError) as failure:
        await anext(pieces)
    assert failure.value.message == BROKE_OFF


async def test_a_service_that_stays_full_is_said(
    services: SpeakingServices, client: Client
) -> None:
    full = OverloadedError("64 streams wait.", retry_after_seconds=0.01)
    services.inference.refusals = [full] * 1000
    with pytest.raises(OverloadedError, match="Too many people"):
        await all_of(InferenceSpeech(client.inference))


async def test_a_service_that_is_killed_in_the_middle_is_said(services: SpeakingServices) -> None:
    services.inference.pause_seconds = 0.2
    async with AsyncExitStack() as serving:
        address = await serving.enter_async_context(services.served())
        async with Client({"inference": address}, patience=impatience) as client:
            pieces = InferenceSpeech(client.inference).speak(ORDER)
            await anext(pieces)
            await serving.aclose()
            with pytest.raises(UnavailableError) as failure:
                await anext(pieces)
    assert failure.value.message == BROKE_OFF


async def test_a_service_that_says_nothing_is_not_waited_for_forever(
    services: SpeakingServices, client: Client
) -> None:
    services.inference.pause_seconds = 60
    speech = InferenceSpeech(client.inference, first_audio_seconds=0.5, silence_seconds=0.5)
    with pytest.raises(UnavailableError) as failure:
        await all_of(speech)
    assert failure.value.message == NOT_THERE
    await eventually(lambda: services.inference.cancelled_count == 1)


async def test_to_close_the_speech_cancels_the_call_at_once(
    services: SpeakingServices, speech: InferenceSpeech
) -> None:
    services.inference.pause_seconds = 0.1
    async with aclosing(speech.speak(SpeechOrder("word " * 1000))) as pieces:
        await anext(pieces)
    await eventually(lambda: services.inference.cancelled_count == 1)
