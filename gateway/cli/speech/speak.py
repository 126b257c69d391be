"""Has a text spoken, and lets it be heard while it is made."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path

from gateway.cli.exit_status import ExitStatus
from gateway.cli.reporter import Reporter
from gateway.cli.session import Session
from gateway.cli.speech.file_formats import FILE_FORMATS, AudioFile
from gateway.cli.speech.player import Player
from gateway.cli.speech.report import (
    Spoken,
    spoken_detail,
    spoken_lines,
    spoken_payload,
    spoken_status,
)
from gateway.cli.speech.sinks import Write, audio_sinks
from gateway.cli.speech.text_source import TextSource, written_text
from gateway.client.client import Client
from gateway.services import INFERENCE, MEDIA
from ttstrainer.inference.v1 import inference_service_pb2 as pb

NAME = "speech"
STAGE = "speak"
MAX_CHARACTERS_IN_MESSAGE = 2_000
"""Speech of a longer text goes through the store: its file may not fit into a message."""


@dataclass(frozen=True, slots=True)
class Speak:
    """Speaks a text into a file, into the air, or both."""

    source: TextSource
    options: pb.SpeechOptions
    output: Path | None
    """None to play it alone; a kind of file other than WAV needs one."""
    file: AudioFile = AudioFile.WAV
    player: Player | None = None

    async def __call__(self, session: Session) -> ExitStatus:
        """Runs the command."""
        if self.output is None or self.file is AudioFile.WAV:
            async with session.client(INFERENCE) as client:
                spoken = await self.streamed(client, session.reporter)
        else:
            services = (MEDIA, INFERENCE) if self._is_long else (INFERENCE,)
            async with session.client(*services) as client:
                spoken = await self._whole(client, self.output)
        status = spoken_status(spoken.summary, self.options)
        session.reporter.finished(NAME, STAGE, spoken_detail(spoken.summary))
        payload = spoken_payload(spoken, self.output, status)
        session.reporter.result(payload, spoken_lines(spoken, self.output, status))
        return status

    @property
    def _is_long(self) -> bool:
        return len(self.source.text) > MAX_CHARACTERS_IN_MESSAGE

    async def _whole(self, client: Client, output: Path) -> Spoken:
        """Has the whole file made by the service."""
        request = pb.SynthesizeSpeechRequest(
            text=self.source.text,
            options=self.options,
            file_format=FILE_FORMATS[self.file],
            store=self._is_long,
        )
        answer = await client.inference.synthesize(request)
        if self._is_long:
            await client.media.download(answer.audio_uri, output)
        else:
            await asyncio.to_thread(output.write_bytes, answer.audio)
        return Spoken(answer.format, answer.summary)

    async def streamed(self, client: Client, reporter: Reporter) -> Spoken:
        """Writes and plays what the service sends, as it sends it."""
        spoken = Spoken(pb.AudioFormat(), pb.SpeechSummary())
        started = time.monotonic()
        async with AsyncExitStack() as stack, aclosing(self._parts(client)) as parts:
            write: Write = _refuse
            async for part in parts:
                match part.WhichOneof("part"):
                    case "format":
                        spoken.form.CopyFrom(part.format)
                        sinks = audio_sinks(part.format, self.output, self.player)
                        write = await stack.enter_async_context(sinks)
                    case "chunk":
                        if part.chunk.sequence_number == 0:
                            seconds = time.monotonic() - started
                            reporter.note(f"First audio after {seconds:.2f} s.")
                        await write(part.chunk.pcm)
                    case "sentence" if self.source.text:
                        ratio = part.sentence.text_offset / len(self.source.text)
                        reporter.progress(NAME, STAGE, ratio)
                    case "summary":
                        spoken.summary.CopyFrom(part.summary)
        return spoken

    def _parts(self, client: Client) -> AsyncGenerator[pb.SpeechPart, None]:
        if self.source.is_written_now:
            return client.inference.speak_text(self.options, written_text())
        request = pb.StreamSpeechRequest(text=self.source.text, options=self.options)
        return client.inference.speak(request)


async def _refuse(pcm: bytes) -> None:
    """Stands where audio goes before anybody knows its format."""
    message = f"{len(pcm)} bytes of audio came before their format"
    raise AssertionError(message)
