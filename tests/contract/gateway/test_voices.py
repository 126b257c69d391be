"""The client and the command against services of voices, consents and models."""

from pathlib import Path

import pytest

from gateway.cli.consents.agreement import Agreement
from gateway.cli.consents.withdraw import WithdrawConsent
from gateway.cli.errors import UsageError
from gateway.cli.exit_status import ExitStatus
from gateway.cli.session import Session
from gateway.cli.voices.create import CreateVoice
from gateway.cli.voices.update import UpdateVoice
from gateway.client.client import Client
from services.chassis.errors import ConflictError, InvalidInputError, NotFoundError
from tests.fakes.consent_service import WORDS
from tests.fakes.reporter import RecordingReporter
from tests.fakes.speaking_services import SpeakingServices
from ttstrainer.dataset.v1.consent_service_pb2 import CONSENT_PURPOSE_CLONING
from ttstrainer.inference.v1 import engine_service_pb2 as engine_pb
from ttstrainer.inference.v1 import voice_service_pb2 as voice_pb


@pytest.fixture
def clips(tmp_path: Path) -> list[Path]:
    first, second = tmp_path / "one.wav", tmp_path / "two.wav"
    first.write_bytes(bytes(range(256)) * 8192)
    second.write_bytes(b"RIFF")
    return [first, second]


async def test_a_voice_is_cloned_on_a_consent_that_is_recorded_with_it(
    services: SpeakingServices, session: Session, reporter: RecordingReporter, clips: list[Path]
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
    assert reporter.payload["consent_id"] == "consent-1"


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
    services: SpeakingServices, session: Session, reporter: RecordingReporter
) -> None:
    known = voice_pb.Voice(voice_id="ada", display_name="Ada", language_code="en", model="xtts")
    services.voices.voices = {"ada": known}
    assert await UpdateVoice("ada", language_code="de", model="")(session) is ExitStatus.OK
    assert known == voice_pb.Voice(voice_id="ada", display_name="Ada", language_code="de")
    assert reporter.payload["language_code"] == "de"
    with pytest.raises(NotFoundError, match="no voice bea"):
        await UpdateVoice("bea", display_name="Bea")(session)


async def test_a_change_of_nothing_is_refused_before_anybody_is_asked(session: Session) -> None:
    with pytest.raises(UsageError, match="--name, --language or --model"):
        await UpdateVoice("ada")(session)


async def test_withdrawing_waits_until_the_voices_have_fallen_silent(
    services: SpeakingServices, session: Session, reporter: RecordingReporter, clips: list[Path]
) -> None:
    for name in ("ada", "bea"):
        header = voice_pb.CreateVoiceHeader(voice_id=name, language_code="en")
        await CreateVoice(header, clips, Agreement(speaker_name=name))(session)
    assert await WithdrawConsent("consent-1", "changed her mind")(session) is ExitStatus.OK
    assert reporter.payload["withdrawn_voice_ids"] == ["ada"]
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
