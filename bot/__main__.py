"""Starts the bot: `python -m bot`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import grpc

from bot.assembly import assembled_client, speaking_bot, surroundings
from bot.audio.opus import OpusVoice
from bot.connecting import stay_connected
from bot.playback.players import Players
from bot.settings import BotSettings
from bot.speech.inference import InferenceSpeech
from bot.state.book import Book
from services.chassis.errors import UnavailableError
from services.chassis.service import Edges, Resources, run
from services.chassis.work import StepEvents
from ttstrainer.pipeline.v1 import pipeline_events_pb2 as pipeline_events

BUCKET = "bot"


@asynccontextmanager
async def compose(
    settings: BotSettings, resources: Resources, connector: aiohttp.BaseConnector | None = None
) -> AsyncIterator[Edges]:
    """Builds the bot from its settings; it reaches Discord by `connector`, or as everybody does."""
    if resources.jetstream is None:
        raise UnavailableError("The bot needs NATS.")  # its settings have refused that before
    OpusVoice()  # without libopus nobody would hear a word: say so now
    reach = connector or aiohttp.TCPConnector(limit=0)
    book = Book(await resources.jetstream.key_value(BUCKET))
    async with assembled_client(settings) as client:
        players = Players(
            InferenceSpeech(client.inference, first_audio_seconds=settings.first_audio_seconds)
        )
        around = surroundings(
            settings, client, book, players, scratch=resources.scratch, connector=reach
        )
        bot = speaking_bot(around, reach)
        token = settings.token.get_secret_value()
        try:
            yield Edges(
                register=_no_servicer,
                service_names=(),
                background=(book.run, lambda: stay_connected(bot, book, token)),
            )
        finally:
            await players.aclose()
            await bot.close()


def _no_servicer(_server: grpc.aio.Server) -> None:
    """Health is all that is served."""


def main() -> None:
    """Is the bot."""
    run(
        BotSettings,
        compose,
        step_events=StepEvents(
            failed=pipeline_events.StepFailed, progressed=pipeline_events.StepProgressed
        ),
    )


if __name__ == "__main__":
    main()
