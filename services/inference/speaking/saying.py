"""Short speech as a whole, for the previews and comparisons of voices."""

import io
import wave
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from services.inference.pool.loaded_model import Models
from services.inference.speaking.options import SpeechOptions
from services.inference.speaking.parts import AudioChunk, AudioFormat, SpeechPart
from services.inference.speaking.script import Script
from services.inference.voices.voice import Voice

Speak = Callable[[Script, SpeechOptions], AsyncGenerator[SpeechPart, None]]

MAX_CHARACTERS = 1_000
SEED = 1
"""Always the same, so that a preview is."""


class Saying:
    """Says a few words with a voice."""

    def __init__(self, speak: Speak, models: Models) -> None:
        """Says nothing yet."""
        self._speak = speak
        self._models = models

    async def model_of(self, voice: Voice) -> str:
        """Returns the name and version of the model that would speak, such as xtts/3."""
        found = await self._models.find(voice.model)
        return f"{found.name}/{found.version}"

    async def say(self, voice: Voice, text: str) -> bytes:
        """Returns a WAV file in which `voice` says `text`, the same for the same model."""
        options = SpeechOptions(voice_id=voice.voice_id, seed=SEED)
        pcm = bytearray()
        rate = 0
        async with aclosing(self._speak(Script(text, MAX_CHARACTERS), options)) as parts:
            async for part in parts:
                if isinstance(part, AudioFormat):
                    rate = part.sample_rate_hertz
                elif isinstance(part, AudioChunk):
                    pcm += part.pcm
        return _wav(bytes(pcm), rate)


def _wav(pcm: bytes, sample_rate_hertz: int) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate_hertz)
        file.writeframes(pcm)
    return content.getvalue()
