"""Cloning as members do it: a recording, a question, a button."""

import io

import soundfile

from bot.ownership import owner_of
from tests.bot_in_a_world import BotHere
from tests.discord_double.interactions import Interaction
from tests.discord_double.messages import Message
from tests.discord_double.people import Person
from tests.voice_service import RATE, talk

AGREE = "I agree, it is my voice"
SOUND = talk(300, 300)


def recording(format_: str = "WAV", subtype: str | None = None) -> bytes:
    """Returns nine seconds of one speaker."""
    file = io.BytesIO()
    soundfile.write(file, SOUND, RATE, format=format_, subtype=subtype)
    return file.getvalue()


async def agreed(person: Person, asked: Message | Interaction) -> Message:
    """Presses the button; returns the message that the answer comes in."""
    question = await asked.answer()
    assert question.buttons == [AGREE, "No"], question.content
    await person.press(question, AGREE)
    return question


def is_made(message: Message) -> bool:
    """Says whether it tells of a voice."""
    return "is your voice now" in message.content


async def voice_ids(here: BotHere) -> list[str]:
    """Returns the ids of the voices that members have cloned."""
    ids = [voice.voice_id async for voice in here.services.voices.voices()]
    return [voice_id for voice_id in ids if owner_of(voice_id)]
