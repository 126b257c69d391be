"""The client and the command against an inference service over a real channel."""

import wave
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from gateway.cli.errors import UsageError
from gateway.cli.exit_status import ExitStatus
from gateway.cli.session import Session
from gateway.cli.speech.file_formats import AudioFile
from gateway.cli.speech.report import spoken_status
from gateway.cli.speech.speak import Speak
from gateway.cli.speech.text_source import TextSource
from gateway.client.client import Client
from services.chassis.errors import (
    InvalidInputError,
    OverloadedError,
    UnavailableError,
)
from tests.eventually import eventually
from tests.fakes.reporter import RecordingReporter
from tests.fakes.speaking_services import SpeakingServices
from tests.fakes.speech_service import CHUNK, RATE_HERTZ
from tests.impatience import impatience
from tests.pausable_line import pausable_line
from tests.standard_input import standard_input
from ttstrainer.inference.v1 import inference_service_pb2 as pb

TEXT = "One two three four."
REQUEST = pb.StreamSpeechRequest(text=TEXT)


async def listen(client: Client, heard: list[pb.SpeechPart]) -> None:
    async for part in client.inference.speak(REQUEST):
        heard.append(part)  # noqa: PERF401 - what was heard before it broke counts


async def listened(parts: AsyncIterator[pb.SpeechPart]) -> None:
    async for _ in parts:
        pass


async def test_speech_comes_as_it_is_made(client: Client) -> None:
    parts = [part async for part in client.inference.speak(REQUEST)]
    kinds = [part.WhichOneof("part") for part in parts]
    assert kinds == ["format", "sentence", *["chunk"] * 4, "summary"]


async def test_a_busy_service_is_waited_for(services: SpeakingServices, client: Client) -> None:
    busy = OverloadedError("All speak.", reason="QUEUE_FULL", retry_after_seconds=0.02)
    services.inference.refusals = [busy, busy]
    parts = [part async for part in client.inference.speak(REQUEST)]
    assert parts[-1].summary.finish_reason == pb.FINISH_REASON_COMPLETE
    assert services.inference.texts == [TEXT]


async def test_what_somebody_has_heard_a_part_of_is_not_begun_again(
    services: SpeakingServices, client: Client
) -> None:
    services.inference.breaks_after = 2
    heard: list[pb.SpeechPart] = []
    with pytest.raises(OverloadedError):
        await listen(client, heard)
    assert sum(part.HasField("chunk") for part in heard) == 2
    assert services.inference.texts == [TEXT]


async def test_who_hears_speech_break_off_is_told_so(
    services: SpeakingServices, address: str
) -> None:
    services.inference.pause_seconds = 0.01
    request = pb.StreamSpeechRequest(text="word " * 1000)
    async with pausable_line(f"tcp://{address}") as line:
        addresses = {"inference": line.url.removeprefix("nats://")}
        async with (
            Client(addresses, patience=impatience) as client,
            aclosing(client.inference.speak(request)) as parts,
        ):
            await anext(parts)
            line.cut()
            with pytest.raises(UnavailableError, match="broke off"):
                await listened(parts)


async def test_a_refusal_is_told_at_once(services: SpeakingServices, client: Client) -> None:
    services.inference.refusals = [InvalidInputError("Say something.", reason="EMPTY_TEXT")]
    with pytest.raises(InvalidInputError) as refused:
        await anext(client.inference.speak(REQUEST))
    assert refused.value.reason == "EMPTY_TEXT"


async def test_who_listens_no_longer_ends_the_work(
    services: SpeakingServices, client: Client
) -> None:
    services.inference.pause_seconds = 0.01
    request = pb.StreamSpeechRequest(text="word " * 1000)
    async with aclosing(client.inference.speak(request)) as parts:
        async for part in parts:
            if part.HasField("chunk"):
                break
    await eventually(lambda: services.inference.cancelled_count == 1)


async def test_the_command_writes_what_it_hears(
    session: Session, reporter: RecordingReporter, tmp_path: Path
) -> None:
    output = tmp_path / "out.wav"
    options = pb.SpeechOptions(voice_id="ada", seed=5)
    assert await Speak(TextSource(TEXT), options, output)(session) is ExitStatus.OK
    with wave.open(str(output)) as read:
        assert read.getframerate() == RATE_HERTZ
        assert read.readframes(1 << 20) == 4 * CHUNK
    assert b"Synthetic speech: voice ada" in output.read_bytes()
    told = reporter.payload
    assert (told["voice_id"], told["seed"], told["finish_reason"]) == ("ada", 5, "complete")
    assert (told["audio_seconds"], told["real_time_factor"]) == (0.4, 0.2)


async def test_the_command_speaks_what_is_written_to_it(
    services: SpeakingServices, session: Session, tmp_path: Path
) -> None:
    with standard_input(TEXT.encode()):
        source = TextSource("", is_written_now=True)
        await Speak(source, pb.SpeechOptions(), tmp_path / "out.wav")(session)
    assert services.inference.texts == [TEXT]


async def test_what_is_written_and_is_no_text_ends_the_command_with_the_reason(
    session: Session, tmp_path: Path
) -> None:
    speak = Speak(TextSource("", is_written_now=True), pb.SpeechOptions(), tmp_path / "out.wav")
    with standard_input(b"Gr\xff"), pytest.raises(UsageError, match="no text in UTF-8"):
        await speak(session)
    assert list(tmp_path.iterdir()) == []


async def test_other_kinds_of_file_are_made_whole(session: Session, tmp_path: Path) -> None:
    output = tmp_path / "out.flac"
    speak = Speak(TextSource(TEXT), pb.SpeechOptions(), output, AudioFile.FLAC)
    assert await speak(session) is ExitStatus.OK
    assert output.read_bytes() == b"fLaC"


@pytest.mark.parametrize(
    ("reason", "max_seconds", "status"),
    [
        (pb.FINISH_REASON_RUNAWAY, 0.0, ExitStatus.PARTLY),
        (pb.FINISH_REASON_MAX_LENGTH, 0.0, ExitStatus.PARTLY),
        (pb.FINISH_REASON_MAX_LENGTH, 2.0, ExitStatus.OK),
    ],
)
def test_speech_that_was_cut_is_told_unless_it_was_asked_for(
    reason: pb.FinishReason.ValueType, max_seconds: float, status: ExitStatus
) -> None:
    options = pb.SpeechOptions(max_audio_seconds=max_seconds)
    assert spoken_status(pb.SpeechSummary(finish_reason=reason), options) is status


async def test_speech_that_breaks_leaves_no_file(
    services: SpeakingServices, session: Session, tmp_path: Path
) -> None:
    services.inference.breaks_after = 1
    with pytest.raises(OverloadedError):
        await Speak(TextSource(TEXT), pb.SpeechOptions(), tmp_path / "out.wav")(session)
    assert list(tmp_path.iterdir()) == []


async def test_a_service_that_stays_silent_is_given_up() -> None:
    async with Client({"inference": "127.0.0.1:9"}, patience=impatience) as client:
        with pytest.raises(UnavailableError):
            await anext(client.inference.speak(REQUEST))
