"""Withdraws a consent, and waits until the voices that rest on it have fallen silent."""

import asyncio
import time
from dataclasses import dataclass

from gateway.cli.consents.report import consent_lines
from gateway.cli.errors import CommandError
from gateway.cli.exit_status import ExitStatus
from gateway.cli.names import printable
from gateway.cli.payloads import message_payload
from gateway.cli.session import Session
from gateway.client.client import Client
from gateway.services import DATASET, INFERENCE
from ttstrainer.inference.v1.voice_service_pb2 import VOICE_STATE_WITHDRAWN

SILENT_WITHIN_SECONDS = 30.0
POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    """Ends a consent."""

    consent_id: str
    reason: str

    async def __call__(self, session: Session) -> ExitStatus:
        """Runs the command."""
        async with session.client(DATASET, INFERENCE) as client:
            consent = await client.consents.withdraw(self.consent_id, self.reason)
            silent = await self._silent_voices(client)
        payload = message_payload(consent) | {"withdrawn_voice_ids": silent}
        told = ", ".join(map(printable, silent)) or "none"
        shown = [*consent_lines(consent), f"Voices that fell silent: {told}"]
        session.reporter.result(payload, shown)
        return ExitStatus.OK

    async def _silent_voices(self, client: Client) -> list[str]:
        """Returns the voices that rest on the consent, once none of them may speak."""
        deadline = time.monotonic() + SILENT_WITHIN_SECONDS
        while True:
            voices = [each async for each in client.voices.voices()]
            resting = [each for each in voices if each.consent_id == self.consent_id]
            speaking = [each for each in resting if each.state != VOICE_STATE_WITHDRAWN]
            if not speaking:
                return [each.voice_id for each in resting]
            if time.monotonic() > deadline:
                names = ", ".join(printable(each.voice_id) for each in speaking)
                raise CommandError(
                    f"The consent is withdrawn, but the inference service has not heard of it yet "
                    f"and still speaks as {names}: see that NATS and the service run; it falls "
                    "silent when they do."
                )
            await asyncio.sleep(POLL_SECONDS)
