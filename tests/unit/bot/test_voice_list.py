"""The voices that a member may choose from."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.ownership import own_voice_id
from bot.voice_list import FRESH_SECONDS, VoiceList
from services.chassis.errors import NotFoundError
from ttstrainer.inference.v1 import voice_service_pb2 as pb

TOWN, ADA, BOB = 1, 11, 22
READY, WITHDRAWN = pb.VOICE_STATE_READY, pb.VOICE_STATE_WITHDRAWN


class Service:
    """See AllVoices."""

    def __init__(self, *voices: pb.Voice) -> None:
        self.kept = list(voices)
        self.asked_count = 0
        self.answers = asyncio.Event()
        self.answers.set()

    async def voices(self) -> AsyncIterator[pb.Voice]:
        """See AllVoices."""
        self.asked_count += 1
        await self.answers.wait()
        for voice in self.kept:
            yield voice


def own(user_id: int, name: str, suffix: str = "0" * 8, *, is_withdrawn: bool = False) -> pb.Voice:
    voice_id = own_voice_id(TOWN, user_id, suffix)
    state = WITHDRAWN if is_withdrawn else READY
    return pb.Voice(voice_id=voice_id, display_name=name, state=state)


JOE = pb.Voice(voice_id="joe", display_name="Joe", state=READY)


def listed(*voices: pb.Voice) -> tuple[VoiceList, Service, list[float]]:
    service, now = Service(*voices), [0.0]
    return VoiceList(service, lambda: now[0]), service, now


async def test_own_voices_come_first_and_those_of_others_not_at_all() -> None:
    voices, _, _ = listed(JOE, own(BOB, "Bob"), own(ADA, "Ada"))
    assert [v.display_name for v in await voices.usable(TOWN, ADA)] == ["Ada", "Joe"]
    assert [v.display_name for v in await voices.own(TOWN, BOB)] == ["Bob"]


async def test_a_voice_whose_consent_was_withdrawn_cannot_be_chosen_but_deleted() -> None:
    voices, _, _ = listed(own(ADA, "Ada", is_withdrawn=True))
    with pytest.raises(NotFoundError, match="no such voice"):
        await voices.chosen("Ada", TOWN, ADA)
    assert (await voices.own_chosen("", TOWN, ADA)).display_name == "Ada"


async def test_a_name_wins_only_where_there_is_no_such_id() -> None:
    mimic = own(ADA, "joe")
    voices, _, _ = listed(mimic, JOE)
    assert await voices.chosen("JOE", TOWN, ADA) == JOE
    assert await voices.chosen(mimic.voice_id, TOWN, ADA) == mimic


async def test_of_several_own_voices_one_has_to_be_named() -> None:
    voices, _, _ = listed(own(ADA, "High", "00000001"), own(ADA, "Low", "00000002"))
    assert (await voices.own_chosen("low", TOWN, ADA)).display_name == "Low"
    with pytest.raises(NotFoundError, match=r"2 voices of your own here \(High, Low\): name one"):
        await voices.own_chosen("", TOWN, ADA)


async def test_the_service_is_asked_again_after_a_while_or_when_something_changed() -> None:
    voices, service, now = listed(JOE)
    for _ in range(3):
        await voices.usable(TOWN, ADA)
    assert service.asked_count == 1
    now[0] += FRESH_SECONDS + 1
    await voices.usable(TOWN, ADA)
    assert service.asked_count == 2
    service.kept.append(own(ADA, "Ada"))
    voices.forget()
    assert len(await voices.usable(TOWN, ADA)) == 2


async def test_completion_offers_nothing_rather_than_wait_for_a_service_that_hangs() -> None:
    voices, service, _ = listed(JOE)
    voices.completion_seconds = 0.05
    service.answers.clear()
    assert await voices.offered(voices.usable(TOWN, ADA)) == []
    service.answers.set()
    assert await voices.offered(voices.usable(TOWN, ADA)) == [JOE]
