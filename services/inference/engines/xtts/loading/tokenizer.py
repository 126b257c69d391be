"""From a sentence to the tokens that XTTS's GPT reads."""

from pathlib import Path

from TTS.tts.layers.xtts.tokenizer import VoiceBpeTokenizer

from services.chassis.errors import InvalidInputError
from services.inference.engines.checkpoints import corrupt, incomplete, refusing
from services.inference.engines.xtts.loading.languages import language_of, spoken_languages

_DEFAULT_MAX_CHARACTERS = 250
"""As coqui-tts has it for languages whose limit it does not know."""


class XttsTokenizer:
    """coqui's tokenizer, without what it logs: texts do not belong there."""

    def __init__(self, path: Path) -> None:
        """Reads `vocab.json`.

        Raises InvalidInputError with the reason MODEL_INCOMPLETE or CORRUPT_CHECKPOINT.
        """
        if not path.is_file():
            raise incomplete(path)
        with refusing(path):
            self._tokenizer = VoiceBpeTokenizer(path)
            self.token_count = self._tokenizer.get_number_tokens()
            self.start_token = self._tokenizer.tokenizer.token_to_id("[START]")
            self.stop_token = self._tokenizer.tokenizer.token_to_id("[STOP]")
        if self.start_token is None or self.stop_token is None:
            raise corrupt(path, "it has no tokens [START] and [STOP]")

    def tokenize(self, text: str, language_code: str) -> list[int]:
        """Returns the tokens as `Xtts.inference` makes them of a sentence.

        Raises InvalidInputError with the reason UNSUPPORTED_LANGUAGE or UNREADABLE_TEXT.
        """
        language = language_of(language_code)
        if not spoken_languages([language]) or language not in self._tokenizer.char_limits:
            raise InvalidInputError(
                f"This model cannot read {language_code!r} here: choose another language.",
                reason="UNSUPPORTED_LANGUAGE",
                field="language_code",
            )
        try:
            words = self._tokenizer.preprocess_text(text.strip().lower(), language)
        except Exception as error:  # each language's numbers fail in a way of their own
            raise InvalidInputError(
                "A number or a sign in the text cannot be read aloud in "
                f"{language_code!r}: write it as words.",
                reason="UNREADABLE_TEXT",
                field="text",
            ) from error
        tag = "zh-cn" if language == "zh" else language
        tagged = f"[{tag}]{words}".replace(" ", "[SPACE]")
        return list(self._tokenizer.tokenizer.encode(tagged).ids)

    def max_characters(self, language_code: str) -> int:
        """Returns how long a sentence may be for the model to keep its thread."""
        limits: dict[str, int] = self._tokenizer.char_limits
        return limits.get(language_of(language_code), _DEFAULT_MAX_CHARACTERS)
