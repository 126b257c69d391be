"""What the commands work with."""

from dataclasses import dataclass
from pathlib import Path

from bot.cloning.attachments import Attachments
from bot.cloning.own_voice import OwnVoices
from bot.playback.players import Players
from bot.saying import Saying
from bot.settings import BotSettings
from bot.state.book import Book
from bot.voice_list import VoiceList
from gateway.client.inference import InferenceClient
from gateway.client.voices import VoiceClient


@dataclass(frozen=True)
class Surroundings:
    """Handed to every cog."""

    settings: BotSettings
    book: Book
    players: Players
    saying: Saying
    inference: InferenceClient
    voices: VoiceClient
    voice_list: VoiceList
    own_voices: OwnVoices
    attachments: Attachments
    scratch: Path
    """A folder for what is fetched and made."""
