"""Changes what a person may of a voice."""

from dataclasses import dataclass

from gateway.cli.errors import UsageError
from gateway.cli.exit_status import ExitStatus
from gateway.cli.payloads import message_payload
from gateway.cli.session import Session
from gateway.cli.voices.report import voice_lines
from gateway.services import INFERENCE
from ttstrainer.inference.v1.voice_service_pb2 import Voice


@dataclass(frozen=True, slots=True)
class UpdateVoice:
    """Changes a cloned voice; what is None stays as it is."""

    voice_id: str
    display_name: str | None = None
    language_code: str | None = None
    model: str | None = None

    async def __call__(self, session: Session) -> ExitStatus:
        """Runs the command."""
        fields = ("display_name", "language_code", "model")
        asked = [field for field in fields if getattr(self, field) is not None]
        if not asked:
            raise UsageError("Say what to change of the voice: --name, --language or --model.")
        wanted = Voice(
            voice_id=self.voice_id,
            display_name=self.display_name or "",
            language_code=self.language_code or "",
            model=self.model or "",
        )
        async with session.client(INFERENCE) as client:
            voice = await client.voices.update(wanted, asked)
        session.reporter.result(message_payload(voice), voice_lines(voice))
        return ExitStatus.OK
