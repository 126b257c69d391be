"""The end of the demo: a voice says a sentence, and a recogniser writes down what it hears."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import RenderableType
from rich.table import Table

from gateway.cli.errors import CommandError
from gateway.cli.exit_status import ExitStatus
from gateway.cli.session import Session
from gateway.cli.speech.report import spoken_detail
from gateway.cli.speech.speak import Speak
from gateway.cli.speech.text_source import TextSource
from gateway.client.client import Client
from gateway.demo.check import word_error_rate
from gateway.demo.cloning import cloned_voice
from gateway.services import DATASET, INFERENCE, MEDIA, TRANSCRIPTION
from ttstrainer.inference.v1.engine_service_pb2 import LoadModelRequest
from ttstrainer.inference.v1.inference_service_pb2 import SpeechOptions
from ttstrainer.transcription.v1.transcription_service_pb2 import (
    TranscribeAudioRequest,
    TranscriptDocument,
)

TEXT = (
    "Nobody has ever said this sentence. A model speaks it while you wait, and another model "
    "writes down what it can hear."
)
VOICE = "joe"
SEED = 3
MAX_WORD_ERROR_RATE = 0.1


@dataclass(frozen=True, slots=True)
class Reply:
    """What was said, and what of it was understood."""

    voice_id: str
    path: Path
    figures: str
    heard: str

    @property
    def word_error_rate(self) -> float:
        """Errors for each word."""
        return word_error_rate(TEXT, self.heard)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Has the voice `joe` speak, and a clone of the demo's speaker where a model can clone."""

    folder: Path
    """Of the demo: its dataset lies here, and its speech will."""
    model: str
    """The recogniser."""

    async def __call__(self, session: Session) -> ExitStatus:
        """Runs the command."""
        services = (MEDIA, TRANSCRIPTION, DATASET, INFERENCE)
        async with session.client(*services) as client:
            # Otherwise the first audio would wait for that, and the figures tell of little else.
            await client.engines.load(LoadModelRequest(name=VOICE))
            replies = [await self._said(client, session, VOICE, self.folder / "out.wav")]
            clone = await cloned_voice(client, session.reporter, self.folder / "dataset")
            if clone:
                path = self.folder / "clone.wav"
                replies.append(await self._said(client, session, clone, path))
        session.reporter.result({}, _shown(replies))
        if replies[0].word_error_rate > MAX_WORD_ERROR_RATE:
            raise CommandError("The voice is harder to understand than promised.")
        return ExitStatus.OK

    async def _said(self, client: Client, session: Session, voice_id: str, path: Path) -> Reply:
        options = SpeechOptions(voice_id=voice_id, seed=SEED)
        speak = Speak(TextSource(TEXT), options, path)
        spoken = await speak.streamed(client, session.reporter)
        recording = await client.media.import_recording(path, lambda _: None)
        transcript = await client.transcription.transcribe(
            TranscribeAudioRequest(
                recording_id=recording.recording_id,
                audio_uri=recording.recording_uri,
                language_code="en",
                model=self.model,
            ),
            lambda _: None,
        )
        document = await client.media.read_message(transcript.transcript_uri, TranscriptDocument)
        heard = " ".join(clip.text for clip in document.clips)
        return Reply(voice_id, path, spoken_detail(spoken.summary), heard)


def _shown(replies: Sequence[Reply]) -> Iterator[RenderableType]:
    table = Table(title="Speech, and what was understood of it", title_justify="left")
    for heading in ("Voice", "Word error rate", "Heard", "File", "Figures"):
        table.add_column(heading, overflow="fold")
    for reply in replies:
        rate = f"{reply.word_error_rate:.1%}"
        table.add_row(reply.voice_id, rate, reply.heard, str(reply.path), reply.figures)
    yield table
