"""The bot with all its commands in the double of Discord, over services that a test can see into.

Voices and consents are the real use cases over stores in memory, with ears that hear tones as
speakers; what is spoken, the bot asks of a FakeSpeech.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bot.assembly import speaking_bot, surroundings
from bot.playback.players import Players
from bot.services import Surroundings
from bot.settings import BotSettings
from bot.speaking_bot import SpeakingBot
from bot.state.book import Book
from gateway.client.consents import ConsentClient
from gateway.client.inference import InferenceClient
from gateway.client.retrying import Patience
from gateway.client.voices import VoiceClient
from services.chassis.beside import running_beside
from services.chassis.key_value import KeyValue
from services.inference.voices.clip_intake import Decode
from services.inference.voices.consent_desk import RemoteConsentDesk
from tests.consent_service import ConsentService, consent_service
from tests.discord_double.world import World
from tests.fakes.bot_speech import FakeSpeech
from tests.fakes.key_value import InMemoryKeyValue
from tests.fakes.serving import serving
from tests.fakes.speech_service import FakeInference
from tests.fakes.voices import decode_in_process
from tests.voice_service import VoiceService, voice_service
from ttstrainer.inference.v1.inference_service_pb2_grpc import (
    InferenceServiceStub,
    add_InferenceServiceServicer_to_server,
)


@dataclass(frozen=True)
class Services:
    """What the bot asks, seen from behind."""

    voice_service: VoiceService
    consent_service: ConsentService
    speaking: FakeInference
    inference: InferenceClient
    voices: VoiceClient
    consents: ConsentClient


@dataclass(frozen=True)
class BotHere:
    """A bot that is ready."""

    bot: SpeakingBot
    around: Surroundings
    services: Services
    speech: FakeSpeech = field(default_factory=FakeSpeech)

    @property
    def book(self) -> Book:
        """What it remembers."""
        return self.around.book


def bot_settings(**changed: object) -> BotSettings:
    """Returns settings of a bot that gives up soon."""
    return BotSettings.model_validate(
        {
            "token": "token",
            "nats_url": "nats://127.0.0.1:1",
            "give_up_seconds": 0.5,
            **changed,
        }
    )


@asynccontextmanager
async def bot_services(
    scratch: Path, *, decode: Decode = decode_in_process
) -> AsyncIterator[Services]:
    """Serves voices and consents; decodes what libsndfile reads unless told otherwise."""
    speaking = FakeInference()
    patience = partial(Patience, give_up_seconds=0.5)
    async with (
        consent_service() as consents,
        voice_service(scratch, desk=RemoteConsentDesk(consents.channel), decode=decode) as voices,
        serving(partial(add_InferenceServiceServicer_to_server, speaking)) as channel,
    ):
        yield Services(
            voices,
            consents,
            speaking,
            InferenceClient(InferenceServiceStub(channel), patience),
            VoiceClient(voices.stub, patience),
            ConsentClient(consents.stub, patience),
        )


@asynccontextmanager
async def a_bot(
    world: World,
    scratch: Path,
    *,
    bucket: KeyValue | None = None,
    speech: FakeSpeech | None = None,
    decode: Decode = decode_in_process,
    **settings: object,
) -> AsyncIterator[BotHere]:
    """Runs a bot in `world`; it remembers in `bucket`, or for as long as the block lasts."""
    spoken = speech or FakeSpeech()
    book = Book(bucket or InMemoryKeyValue())
    players = Players(spoken)
    connector = world.connector()
    async with AsyncExitStack() as stack:
        services = await stack.enter_async_context(bot_services(scratch, decode=decode))
        await stack.enter_async_context(running_beside(book.run()))
        await book.ready()
        around = surroundings(
            bot_settings(**settings), services, book, players, scratch=scratch, connector=connector
        )
        bot = speaking_bot(around, connector, guild_ready_seconds=0.05)
        await stack.enter_async_context(world.running(bot))
        stack.push_async_callback(players.aclose)
        yield BotHere(bot, around, services, spoken)
