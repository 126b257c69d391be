"""The use case PreviewVoice: a few seconds of a voice, made once."""

from dataclasses import dataclass
from typing import Protocol

from services.chassis.errors import InvalidInputError
from services.inference.voices.voice import Voice
from services.inference.voices.voice_book import VoiceBook
from services.inference.voices.voice_data import preview_key

MAX_CHARACTERS = 300
SENTENCES = {
    "ar": "مرحبا، هذا صوتي. يمكنني أن أقرأ لك أي نص تريده.",
    "cs": "Dobrý den, toto je můj hlas. Mohu vám přečíst jakýkoli text.",
    "de": "Guten Tag, das ist meine Stimme. Ich kann Ihnen jeden Text vorlesen.",
    "en": "Hello, this is my voice. I can read any text to you.",
    "es": "Hola, esta es mi voz. Puedo leerle cualquier texto.",
    "fr": "Bonjour, voici ma voix. Je peux vous lire n'importe quel texte.",
    "hi": "नमस्ते, यह मेरी आवाज़ है। मैं आपको कोई भी पाठ पढ़कर सुना सकता हूँ।",
    "hu": "Jó napot, ez az én hangom. Bármilyen szöveget fel tudok olvasni.",
    "it": "Buongiorno, questa è la mia voce. Posso leggere qualsiasi testo.",
    "ja": "こんにちは、これが私の声です。どんな文章でも読み上げます。",
    "ko": "안녕하세요, 이것이 제 목소리입니다. 어떤 글이든 읽어 드릴 수 있습니다.",
    "nl": "Hallo, dit is mijn stem. Ik kan elke tekst voorlezen.",
    "pl": "Dzień dobry, to jest mój głos. Mogę przeczytać każdy tekst.",
    "pt": "Olá, esta é a minha voz. Posso ler qualquer texto.",
    "ru": "Здравствуйте, это мой голос. Я могу прочитать любой текст.",
    "tr": "Merhaba, bu benim sesim. Size her metni okuyabilirim.",
    "zh": "你好，这是我的声音。我可以为你朗读任何文字。",  # noqa: RUF001 - Chinese commas
}
"""By primary language subtag."""


class Speaker(Protocol):
    """Whoever speaks with a voice."""

    async def model_of(self, voice: Voice) -> str:
        """Returns the name and version of the model that would speak, such as xtts/3."""

    async def say(self, voice: Voice, text: str) -> bytes:
        """Returns a WAV file in which `voice` says `text`, the same for the same model."""


@dataclass(frozen=True, slots=True)
class Previewing:
    """Makes previews, and keeps those of cloned voices with the voice."""

    book: VoiceBook
    speaker: Speaker

    async def preview(self, voice_id: str, text: str) -> bytes:
        """Returns a WAV file.

        Raises NotFoundError, ConflictError for a voice that may not speak, InvalidInputError for
        a long text, or for none in a language that we have no sentence in.
        """
        if len(text) > MAX_CHARACTERS:
            message = f"A preview says at most {MAX_CHARACTERS} characters, not {len(text)}."
            raise InvalidInputError(message, reason="TEXT_TOO_LONG", field="text")
        voice = await self.book.speakable(voice_id)
        said = text or sentence_in(voice.language_code)
        if voice.is_built_in:
            return await self.speaker.say(voice, said)
        model = await self.speaker.model_of(voice)
        key = preview_key(voice, f"{model}\n{voice.language_code}\n{said}")
        if kept := await self.book.data.read(key):
            return kept
        made = await self.speaker.say(voice, said)
        await self.book.data.write(key, made)
        newest = (await self.book.records.newest(voice_id)).voice
        if newest is None or newest.data_id != voice.data_id:
            await self.book.data.delete(key)
        return made


def sentence_in(language_code: str) -> str:
    """Returns something to say; raises InvalidInputError in a language that we have nothing in."""
    found = SENTENCES.get(language_code.split("-", 1)[0].lower())
    if found is None:
        message = f"There is no sentence in {language_code!r}: say what to speak."
        raise InvalidInputError(message, reason="TEXT_MISSING", field="text")
    return found
