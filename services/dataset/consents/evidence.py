"""Evidence of a consent: words that were signed, or a recording that says what it should."""

from dataclasses import dataclass

from services.chassis.artifacts import ArtifactStore, key_of
from services.chassis.blobs import add_bytes
from services.chassis.errors import InvalidInputError
from services.dataset.consents.spoken_words import Listener
from services.dataset.consents.statements import (
    WORDINGS,
    match_ratio,
    names_alike,
    primary,
    wording,
)
from ttstrainer.dataset.v1 import consent_service_pb2 as pb

DEFAULT_LANGUAGE = "en"
MAX_NAME_CHARACTERS = 200
MAX_STATEMENT_CHARACTERS = 10_000
MAX_RECORDING_BYTES = 16 << 20
"""A minute of uncompressed sound takes less."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Takes evidence in."""

    store: ArtifactStore
    listener: Listener
    min_match_ratio: float

    async def of(self, request: pb.GrantConsentRequest) -> pb.ConsentEvidence:
        """Returns the evidence that a request brings; raises InvalidInputError if it is none."""
        language_code = request.language_code or DEFAULT_LANGUAGE
        field = request.WhichOneof("evidence")
        match field:
            case "text_statement":
                return _written(request.text_statement, language_code)
            case "audio_statement":
                recording = request.audio_statement
            case "audio_statement_uri":
                recording = await self._read(request.audio_statement_uri)
            case _:
                message = (
                    "A consent needs evidence: the statement that was signed, or a recording of "
                    "the words of GetStatement."
                )
                raise InvalidInputError(message, reason="EVIDENCE_MISSING", field="evidence")
        _check_size(len(recording), field)
        return await self._spoken(request.speaker_name, language_code, recording)

    async def _spoken(
        self, speaker_name: str, language_code: str, recording: bytes
    ) -> pb.ConsentEvidence:
        """A recording that is refused leaves nothing behind; only evidence is kept."""
        statement = required_statement(speaker_name, language_code)
        heard = await self.listener.words_in(recording, language_code)
        ratio = match_ratio(speaker_name, language_code, heard)
        if ratio < self.min_match_ratio:
            message = (
                f"The recording does not say what it should: {ratio:.0%} of the words were heard, "
                f"{self.min_match_ratio:.0%} are needed. Read the words of GetStatement aloud."
            )
            raise InvalidInputError(message, reason="STATEMENT_NOT_HEARD", field="audio_statement")
        if not names_alike(speaker_name, language_code, heard):
            message = (
                "The recording does not say the speaker's name: read the words of GetStatement "
                "aloud, with the name as it was given."
            )
            raise InvalidInputError(message, reason="NAME_NOT_HEARD", field="audio_statement")
        kept = await add_bytes(self.store, recording)
        return pb.ConsentEvidence(
            statement=statement,
            language_code=language_code,
            audio_uri=kept.uri,
            match_ratio=ratio,
        )

    async def _read(self, uri: str) -> bytes:
        field = "audio_statement_uri"
        key = key_of(uri, field=field)
        found = await self.store.stat(key)
        if found:
            _check_size(found.size_bytes, field)
        return await self.store.read(key)


def required_statement(speaker_name: str, language_code: str) -> str:
    """Returns what a speaker has to say; raises InvalidInputError without a wording or a name."""
    checked_speaker(speaker_name)
    statement = wording(speaker_name.strip(), language_code or DEFAULT_LANGUAGE)
    if statement is None:
        message = (
            f"There is no wording in {language_code!r}: there is one in {', '.join(WORDINGS)}. A "
            "written statement can be in any language."
        )
        raise InvalidInputError(message, reason="UNKNOWN_LANGUAGE", field="language_code")
    return statement


def checked_speaker(speaker_name: str) -> None:
    """Raises InvalidInputError for what is no name."""
    if not any(c.isalpha() for c in speaker_name) or len(speaker_name) > MAX_NAME_CHARACTERS:
        message = f"Say whose voice it is: a name of at most {MAX_NAME_CHARACTERS} characters."
        raise InvalidInputError(message, reason="INVALID_SPEAKER", field="speaker_name")


def checked_language(language_code: str) -> str:
    """Returns the tag of a language; raises InvalidInputError for what is none."""
    if not primary(language_code).isalpha():
        message = f"{language_code!r} is not a language: give a BCP-47 tag such as 'en'."
        raise InvalidInputError(message, reason="UNKNOWN_LANGUAGE", field="language_code")
    return language_code


def _check_size(size_bytes: int, field: str) -> None:
    if not 0 < size_bytes <= MAX_RECORDING_BYTES:
        message = f"A recording of the statement holds 1 to {MAX_RECORDING_BYTES} bytes."
        raise InvalidInputError(message, reason="INVALID_RECORDING", field=field)


def _written(statement: str, language_code: str) -> pb.ConsentEvidence:
    if not 0 < len(statement.strip()) <= MAX_STATEMENT_CHARACTERS:
        message = (
            f"The statement is empty, or longer than {MAX_STATEMENT_CHARACTERS} characters: give "
            "the words that were signed."
        )
        raise InvalidInputError(message, reason="INVALID_STATEMENT", field="text_statement")
    return pb.ConsentEvidence(statement=statement, language_code=checked_language(language_code))
