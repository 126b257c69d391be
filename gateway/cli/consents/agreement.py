"""What shows that somebody agreed to the use of their voice, and who says so."""

import asyncio
import getpass
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import typer

from gateway.cli.errors import UsageError
from gateway.client.consents import ConsentClient
from gateway.client.local_files import checked_file
from gateway.services import DATASET, MEDIA, TRANSCRIPTION, Service
from ttstrainer.dataset.v1 import consent_service_pb2 as pb

WAYS = (
    "A voice is made with the consent of the person it belongs to: name one with --consent, or "
    "record one with --speaker NAME and --statement RECORDING or --i-have-consent."
)
WAYS_TO_RECORD = (
    "Say in one way what shows it: --statement RECORDING, --signed WORDS or --i-have-consent."
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """A consent that was recorded before, or what one is recorded from."""

    consent_id: str = ""
    speaker_name: str = ""
    statement: Path | None = None
    """A recording of the speaker's statement; without one, whoever gives the command vouches."""
    written: str = ""
    """The words that the speaker signed; those of the service when empty."""
    language_code: str = "en"

    @property
    def services(self) -> tuple[Service, ...]:
        """Those that recording it takes; a recording of a statement is decoded and heard."""
        return (MEDIA, TRANSCRIPTION, DATASET) if self.statement else (DATASET,)

    async def recorded(
        self,
        consents: ConsentClient,
        purposes: Sequence[pb.ConsentPurpose.ValueType],
        dataset_ids: Sequence[str] = (),
    ) -> pb.Consent:
        """Records the consent and returns it.

        Raises:
            ServiceError: the recording does not say what it should.
        """
        request = pb.GrantConsentRequest(
            speaker_name=self.speaker_name,
            purposes=purposes,
            language_code=self.language_code,
            recorded_by=recorder(),
            dataset_ids=dataset_ids,
            request_id=str(uuid4()),
        )
        if self.statement is not None:
            checked_file(self.statement)
            request.audio_statement = await asyncio.to_thread(self.statement.read_bytes)
        elif self.written:
            request.text_statement = self.written
        else:
            words = await consents.statement(self.speaker_name, self.language_code)
            request.text_statement = f"{words} (Declared by {recorder()} for {self.speaker_name}.)"
        return await consents.grant(request)


def recorder() -> str:
    """Returns who gives the command, as the system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        return "unknown"


def asked_agreement(
    *,
    consent_id: str,
    speaker_name: str,
    statement: Path | None,
    is_declared: bool,
    language_code: str,
    may_ask: bool,
) -> Agreement:
    """Returns the agreement that the options tell, or that a person is asked for.

    Raises:
        UsageError: something is missing, and nobody is there to ask.
    """
    if consent_id:
        if speaker_name or statement or is_declared:
            raise UsageError("--consent names all there is to say: leave the other options out.")
        return Agreement(consent_id)
    if speaker_name and bool(statement) != is_declared:
        return Agreement("", speaker_name, statement, language_code=language_code)
    if not may_ask or not sys.stdin.isatty():
        raise UsageError(WAYS)
    name = speaker_name or typer.prompt("Whose voice is it?", err=True)
    if statement is None:
        question = (
            f"Did {name} agree that synthetic speech is made with their voice, and do you give "
            "your word for it?"
        )
        if not typer.confirm(question, err=True):
            raise UsageError(f"Then nothing is made of it. {WAYS}")
    return Agreement("", name, statement, language_code=language_code)
