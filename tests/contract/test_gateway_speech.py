"""The client and the command against an inference service over a real channel."""

import wave
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from pathlib import Path

import pytest

from gateway.cli.consents.agreement import Agreement
from gateway.cli.consents.withdraw import WithdrawConsent
from gateway.cli.errors import UsageError
from gateway.cli.exit_status import ExitStatus
from gateway.cli.session import Session
from gateway.cli.speech.file_formats import AudioFile
from gateway.cli.speech.report import spoken_status
from gateway.cli.speech.speak import Speak
from gateway.cli.speech.text_source import TextSource
from gateway.cli.voices.create import CreateVoice
from gateway.cli.voices.update import UpdateVoice
from gateway.client.client import Client
from gateway.client.retrying import Patience
from services.chassis.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    OverloadedError,
    UnavailableError,
)
from tests.eventually import eventually
from tests.fakes.consent_service import WORDS
from tests.fakes.reporter import RecordingReporter
from tests.fakes.speaking_services import SpeakingServices
from tests.fakes.speech_service import CHUNK, RATE_HERTZ
from tests.pausable_line import pausable_line
from tests.standard_input import standard_input
from ttstrainer.dataset.v1.consent_service_pb2 import CONSENT_PURPOSE_CLONING
from ttstrainer.inference.v1 import engine_service_pb2 as engine_pb
from ttstrainer.inference.v1 import inference_service_pb2 as pb
from ttstrainer.inference.v1 import voice_service_pb2 as voice_pb

TEXT = "One two three four."
REQUEST = pb.StreamSpeechRequest(text=TEXT)


def impatience() -> Patience:
    return Patience(give_up_seconds=1.0, first_pause_seconds=0.01, longest_pause_seconds=0.05)


@pytest.fixture
def services() -> SpeakingServices:
    return SpeakingServices()


@pytest.fixture
async def address(services: SpeakingServices) -> AsyncIterator[str]:
    async with services.served() as address:
        yield address


@pytest.fixture
async def client(address: str) -> AsyncIterator[Client]:
    addresses = dict.fromkeys(("inference", "dataset"), address)
    async with Client(addresses, patience=impatience) as client:
        yield client


@pytest.fixture
def session(address: str, monkeypatch: pytest.MonkeyPatch) -> Session:
    for name in ("INFERENCE", "DATASET"):
        monkeypatch.setenv(f"TTSTRAINER_{name}_ADDRESS", address)
    return Session(RecordingReporter(), "127.0.0.1")


def payload(session: Session) -> Mapping[str, object]:
    assert isinstance(session.reporter, RecordingReporter)
    return session.reporter.payload


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


async def test_the_command_writes_what_it_hears(session: Session, tmp_path: Path) -> None:
    output = tmp_path / "out.wav"
    options = pb.SpeechOptions(voice_id="ada", seed=5)
    assert await Speak(TextSource(TEXT), options, output)(session) is ExitStatus.OK
    with wave.open(str(output)) as read:
        assert read.getframerate() == RATE_HERTZ
        assert read.readframes(1 << 20) == 4 * CHUNK
    assert b"Synthetic speech: voice ada" in output.read_bytes()
    told = payload(session)
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


@pytest.fixture
def clips(tmp_path: Path) -> list[Path]:
    first, second = tmp_path / "one.wav", tmp_path / "two.wav"
    first.write_bytes(bytes(range(256)) * 8192)
    second.write_bytes(b"RIFF")
    return [first, second]


async def test_a_voice_is_cloned_on_a_consent_that_is_recorded_with_it(
    services: SpeakingServices, session: Session, clips: list[Path]
) -> None:
    header = voice_pb.CreateVoiceHeader(voice_id="ada", language_code="en")
    create = CreateVoice(header, clips, Agreement(speaker_name="Ada"))
    assert await create(session) is ExitStatus.OK
    assert services.voices.clips == {clip.name: clip.read_bytes() for clip in clips}
    (request,) = services.consents.requests
    assert [*request.purposes] == [CONSENT_PURPOSE_CLONING]
    assert request.text_statement.startswith(WORDS)
    assert "for Ada" in request.text_statement
    assert request.recorded_by in request.text_statement
    assert payload(session)["consent_id"] == "consent-1"


async def test_a_recorded_statement_is_sent_to_be_heard(
    services: SpeakingServices, client: Client, clips: list[Path]
) -> None:
    agreement = Agreement(speaker_name="Ada", statement=clips[1])
    await agreement.recorded(client.consents, [CONSENT_PURPOSE_CLONING], ["ada"])
    (request,) = services.consents.requests
    assert request.audio_statement == b"RIFF"
    assert [*request.dataset_ids] == ["ada"]


async def test_without_a_consent_no_voice_is_cloned(client: Client, clips: list[Path]) -> None:
    with pytest.raises(ConflictError, match="needs a consent"):
        await client.voices.create(voice_pb.CreateVoiceHeader(voice_id="ada"), clips)


async def test_a_clip_that_cannot_be_read_is_refused_before_anything_is_sent(
    services: SpeakingServices, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "empty.wav").touch()
    header = voice_pb.CreateVoiceHeader(voice_id="ada", consent_id="c")
    for name, what in (("empty.wav", "is empty"), ("gone.wav", "cannot be read")):
        with pytest.raises(InvalidInputError, match=what):
            await client.voices.create(header, [tmp_path / name])
    assert services.voices.voices == {}


async def test_all_pages_of_voices_are_listed(services: SpeakingServices, client: Client) -> None:
    names = ["ada", "joe", "zoe"]
    services.voices.voices = {name: voice_pb.Voice(voice_id=name) for name in names}
    assert [voice.voice_id async for voice in client.voices.voices()] == names


async def test_of_a_voice_only_what_is_named_is_changed(
    services: SpeakingServices, session: Session
) -> None:
    known = voice_pb.Voice(voice_id="ada", display_name="Ada", language_code="en", model="xtts")
    services.voices.voices = {"ada": known}
    assert await UpdateVoice("ada", language_code="de", model="")(session) is ExitStatus.OK
    assert known == voice_pb.Voice(voice_id="ada", display_name="Ada", language_code="de")
    assert payload(session)["language_code"] == "de"
    with pytest.raises(NotFoundError, match="no voice bea"):
        await UpdateVoice("bea", display_name="Bea")(session)


async def test_a_change_of_nothing_is_refused_before_anybody_is_asked(session: Session) -> None:
    with pytest.raises(UsageError, match="--name, --language or --model"):
        await UpdateVoice("ada")(session)


async def test_withdrawing_waits_until_the_voices_have_fallen_silent(
    services: SpeakingServices, session: Session, clips: list[Path]
) -> None:
    for name in ("ada", "bea"):
        header = voice_pb.CreateVoiceHeader(voice_id=name, language_code="en")
        await CreateVoice(header, clips, Agreement(speaker_name=name))(session)
    assert await WithdrawConsent("consent-1", "changed her mind")(session) is ExitStatus.OK
    assert payload(session)["withdrawn_voice_ids"] == ["ada"]
    assert services.voices.voices["ada"].state == voice_pb.VOICE_STATE_WITHDRAWN
    assert services.voices.voices["bea"].state == voice_pb.VOICE_STATE_READY


async def test_a_licence_is_accepted_by_whoever_says_so(
    services: SpeakingServices, client: Client
) -> None:
    with pytest.raises(ConflictError, match=r"https://example\.org"):
        await client.engines.load(engine_pb.LoadModelRequest(name="xtts_v2"))
    request = engine_pb.LoadModelRequest(name="xtts_v2", accept_licence=True)
    assert (await client.engines.load(request)).state == engine_pb.MODEL_STATE_LOADED
    assert await client.engines.unload("xtts_v2") == 5 << 20
    assert not services.engines.loaded


async def test_a_service_that_stays_silent_is_given_up() -> None:
    async with Client({"inference": "127.0.0.1:9"}, patience=impatience) as client:
        with pytest.raises(UnavailableError):
            await anext(client.inference.speak(REQUEST))
