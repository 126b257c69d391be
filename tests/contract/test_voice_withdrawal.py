"""Voices fall silent when a consent ends, in every process."""

from pathlib import Path

import pytest

from services.chassis.errors import ConflictError
from services.inference.voices.consent_desk import Consent
from services.inference.voices.voice import State
from tests.eventually import eventually
from tests.voice_service import CONSENT, VoiceService, voice_service
from ttstrainer.dataset.v1 import consent_events_pb2 as heard
from ttstrainer.dataset.v1 import consent_service_pb2 as consent_pb
from ttstrainer.inference.v1 import inference_events_pb2 as events

OTHER = "20260101t000000000000-00000002"
WITHDRAWN = Consent(allows_cloning=True, is_withdrawn=True)
HOUR = 3600.0


def withdrawal(consent_id: str) -> heard.ConsentWithdrawn:
    return heard.ConsentWithdrawn(consent=consent_pb.Consent(consent_id=consent_id))


async def state_of(service: VoiceService, voice_id: str) -> State:
    return (await service.voices.book.get(voice_id)).state


async def test_a_withdrawal_silences_the_voices_that_rest_on_it_and_no_others(
    tmp_path: Path,
) -> None:
    async with voice_service(tmp_path) as service:
        service.desk.consents[OTHER] = service.desk.consents[CONSENT]
        await service.create(voice_id="ada")
        await service.create(voice_id="countess")
        await service.create(voice_id="bob", consent_id=OTHER)
        service.bus.deliveries_per_event = 2
        async with service.voices.looked_after(service.bus):
            await service.bus.publish(withdrawal(CONSENT))
        with pytest.raises(ConflictError) as caught:
            await service.voices.speakable("ada")
        assert caught.value.reason == "VOICE_WITHDRAWN"
        assert await state_of(service, "countess") is State.WITHDRAWN
        assert await state_of(service, "bob") is State.READY
        assert set(service.stopped) == {"ada", "countess"}
        told = [e for e in service.bus.events if isinstance(e, events.VoiceWithdrawn)]
        assert [(e.voice_id, e.consent_id) for e in told] == [
            ("ada", CONSENT),
            ("countess", CONSENT),
        ]


async def test_another_process_ends_its_streams_too(tmp_path: Path) -> None:
    async with (
        voice_service(tmp_path) as first,
        voice_service(tmp_path, first.store) as second,
    ):
        for voice_id in ("ada", "gone"):
            await first.create(voice_id=voice_id)
        second.speaking.update({"ada", "gone", "joe"})
        await second.voices.withdrawing.look_after_speaking()
        assert second.stopped == []
        async with second.voices.looked_after(None, speaking_seconds=0.01):
            await first.voices.withdrawing.withdraw(CONSENT)
            await first.delete("gone")
            await eventually(lambda: {"ada", "gone"} <= set(second.stopped))
        assert "joe" not in second.stopped


async def test_a_withdrawal_that_nobody_told_of_is_found(tmp_path: Path) -> None:
    async with voice_service(tmp_path) as service:
        await service.create(voice_id="ada")
        await service.create(voice_id="countess")
        service.desk.asked.clear()
        await service.voices.withdrawing.look_after_consents()
        assert service.desk.asked == [CONSENT]
        service.desk.consents[CONSENT] = WITHDRAWN
        async with service.voices.looked_after(None, consents_seconds=HOUR):
            await eventually(lambda: {"ada", "countess"} <= set(service.stopped))
        assert await state_of(service, "ada") is State.WITHDRAWN


async def test_a_silent_keeper_of_consents_changes_nothing_and_is_asked_again(
    tmp_path: Path,
) -> None:
    async with voice_service(tmp_path) as service:
        await service.create()
        service.desk.is_away = True
        asked = len(service.desk.asked)
        async with service.voices.looked_after(None, consents_seconds=0.01):
            await eventually(lambda: len(service.desk.asked) > asked + 2)
            assert await state_of(service, "ada") is State.READY
            service.desk.is_away, service.desk.consents[CONSENT] = False, WITHDRAWN
            await eventually(lambda: "ada" in service.stopped)


async def test_whatever_goes_wrong_at_one_look_voices_are_looked_after_again(
    tmp_path: Path,
) -> None:
    async with voice_service(tmp_path) as service:
        await service.create()
        granted = service.desk.consents

        class FailsTwice(dict[str, Consent]):
            def get(self, key: str, default: object = None) -> Consent:
                del default
                if len(service.desk.asked) <= asked + 2:
                    raise OSError("The disk does not answer.")
                return WITHDRAWN if key == CONSENT else granted[key]

        asked, service.desk.consents = len(service.desk.asked), FailsTwice()
        async with service.voices.looked_after(None, consents_seconds=0.01):
            await eventually(lambda: "ada" in service.stopped)


async def test_a_consent_that_ends_while_a_voice_is_cloned_leaves_no_voice_that_speaks(
    tmp_path: Path,
) -> None:
    async with voice_service(tmp_path) as service:
        granted = service.desk.consents[CONSENT]

        class EndsAfterTheFirstLook(dict[str, Consent]):
            def get(self, key: str, default: object = None) -> Consent:
                del default
                return granted if len(service.desk.asked) == 1 else WITHDRAWN

        service.desk.consents = EndsAfterTheFirstLook()
        with pytest.raises(Exception, match="withdrawn"):
            await service.create()
        assert await state_of(service, "ada") is State.WITHDRAWN


async def test_a_withdrawn_voice_may_be_replaced_with_a_new_consent(tmp_path: Path) -> None:
    async with voice_service(tmp_path) as service:
        await service.create()
        await service.voices.withdrawing.withdraw(CONSENT)
        service.desk.consents[OTHER] = service.desk.consents[CONSENT]
        await service.create(consent_id=OTHER, replace=True)
        await service.voices.withdrawing.withdraw(CONSENT)
        assert (await service.voices.speakable("ada")).consent_id == OTHER
