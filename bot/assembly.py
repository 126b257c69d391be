"""The bot, put together: what it works with, and its commands."""

import time
from pathlib import Path
from typing import Protocol

import aiohttp

from bot.cloning.attachments import Attachments
from bot.cloning.own_voice import OwnVoices
from bot.cogs.autoread import Autoread
from bot.cogs.channel import Channel
from bot.cogs.cloning import Cloning
from bot.cogs.dictionary import Pronunciation
from bot.cogs.export import Export
from bot.cogs.gateway import Gateway
from bot.cogs.helping import Helping
from bot.cogs.moderation import Moderation
from bot.cogs.preferences import Preferences
from bot.cogs.settings import Settings
from bot.cogs.speech import Speech
from bot.cogs.stats import Stats
from bot.cogs.voices import Voices
from bot.limits import Limits, Rates
from bot.playback.players import Players
from bot.saying import Saying
from bot.services import Surroundings
from bot.settings import BotSettings
from bot.speaking_bot import SpeakingBot
from bot.state.book import Book
from bot.voice_list import VoiceList
from gateway.client.client import Client
from gateway.client.consents import ConsentClient
from gateway.client.inference import InferenceClient
from gateway.client.retrying import Patience
from gateway.client.security import Security
from gateway.client.voices import VoiceClient
from gateway.services import DATASET, INFERENCE


class Clients(Protocol):
    """The services that the bot asks; see gateway.client.client.Client."""

    @property
    def inference(self) -> InferenceClient: ...

    @property
    def voices(self) -> VoiceClient: ...

    @property
    def consents(self) -> ConsentClient: ...


def assembled_client(settings: BotSettings) -> Client:
    """Returns the client of the services, with our own certificate where TLS is on."""
    has_tls = settings.server_ca_file is not None
    security = Security(
        tls_ca_file=settings.server_ca_file,
        tls_certificate_file=settings.tls_certificate_file if has_tls else None,
        tls_key_file=settings.tls_key_file if has_tls else None,
        bearer_token=settings.bearer_token,
    )
    addresses = {
        INFERENCE.name: settings.inference_address,
        DATASET.name: settings.dataset_address,
    }
    return Client(addresses, security, lambda: Patience(give_up_seconds=settings.give_up_seconds))


def surroundings(
    settings: BotSettings,
    client: Clients,
    book: Book,
    players: Players,
    *,
    scratch: Path,
    connector: aiohttp.BaseConnector,
) -> Surroundings:
    """Returns what the commands work with."""

    def rates(guild_id: int) -> Rates:
        guild = book.guild(guild_id)
        return Rates(guild.member_messages_per_minute, guild.guild_messages_per_minute)

    voice_list = VoiceList(client.voices, time.monotonic)
    return Surroundings(
        settings=settings,
        book=book,
        players=players,
        saying=Saying(book, players, Limits(rates, time.monotonic), time.monotonic),
        inference=client.inference,
        voices=client.voices,
        voice_list=voice_list,
        own_voices=OwnVoices(
            client.voices,
            client.consents,
            voice_list,
            settings.max_own_voices,
            settings.answer_seconds,
        ),
        attachments=Attachments(lambda: connector, settings.max_clip_bytes),
        scratch=scratch,
    )


def speaking_bot(
    around: Surroundings, connector: aiohttp.BaseConnector, *, guild_ready_seconds: float = 2.0
) -> SpeakingBot:
    """Returns the bot with all its commands, in the order in which help shows them."""
    bot = SpeakingBot(
        around.book,
        connector,
        prefix=around.settings.prefix,
        sync_commands=around.settings.sync_commands,
        guild_ready_seconds=guild_ready_seconds,
    )
    bot.equip(
        Helping(around.settings.prefix),
        Speech(around),
        Channel(around),
        Voices(around),
        Cloning(around),
        Preferences(around),
        Pronunciation(around),
        Export(around),
        Autoread(around),
        Settings(around),
        Moderation(around),
        Stats(),
        Gateway(bot),
    )
    return bot
