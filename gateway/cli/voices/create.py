"""Clones a voice, on a consent that is there or recorded first."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.cli.consents.agreement import Agreement
from gateway.cli.exit_status import ExitStatus
from gateway.cli.payloads import message_payload
from gateway.cli.session import Session
from gateway.cli.voices.consent import consent_to_clone
from gateway.cli.voices.report import voice_lines
from gateway.client.local_files import checked_file
from gateway.services import INFERENCE
from ttstrainer.inference.v1.voice_service_pb2 import CreateVoiceHeader


@dataclass(frozen=True, slots=True)
class CreateVoice:
    """Sends the recordings of a voice, with the consent of the person it belongs to."""

    header: CreateVoiceHeader
    references: Sequence[Path]
    agreement: Agreement

    async def __call__(self, session: Session) -> ExitStatus:
        """Runs the command."""
        for path in self.references:
            checked_file(path)
        async with session.client(*self.agreement.services, INFERENCE) as client:
            consenting = consent_to_clone(self.agreement, client.consents, session.reporter)
            async with consenting as self.header.consent_id:
                voice = await client.voices.create(self.header, self.references)
        session.reporter.result(message_payload(voice), voice_lines(voice))
        return ExitStatus.OK
