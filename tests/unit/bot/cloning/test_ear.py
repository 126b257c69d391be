"""Hearing one member out of all."""

from dataclasses import dataclass, field

import davey
import pytest

from bot.cloning.live import MOST_MISSES, Ear
from bot.cloning.take import Take
from tests.unit.bot.cloning.test_rtp import KEY, sealed
from tests.unit.bot.cloning.test_take import tone_frames

ADA, BOB = 11, 22
MARKER = b"\xfa\xfa"


@dataclass
class Keys:
    """Opens what begins with the id of the member; counts what it was asked."""

    asked: list[int] = field(default_factory=list)

    def decrypt(self, user_id: int, media_type: davey.MediaType, packet: bytes) -> bytes:
        """See Opener."""
        self.asked.append(user_id)
        if packet[0] != user_id:
            raise ValueError("DecryptionFailed(NoValidCryptorFound)")
        return packet[1 : -len(MARKER)]


def of(user_id: int, frame: bytes) -> bytes:
    return bytes([user_id]) + frame + MARKER


@pytest.fixture
def take() -> Take:
    return Take(30.0)


def test_only_what_opens_with_the_key_of_the_member_is_kept(take: Take) -> None:
    keys, (frame, *_) = Keys(), tone_frames(0.02)
    ear = Ear(ADA, take)
    ear.hear(sealed(of(BOB, frame)), KEY, keys)
    assert take.seconds == 0
    ear.hear(sealed(of(ADA, frame)), KEY, keys)
    assert take.seconds == 0.02
    assert keys.asked == [ADA, ADA]


def test_what_was_sent_in_the_clear_is_not_listened_to(take: Take) -> None:
    keys, (frame, *_) = Keys(), tone_frames(0.02)
    Ear(ADA, take).hear(sealed(bytes([ADA]) + frame), KEY, keys)
    assert take.seconds == 0
    assert keys.asked == []


def test_who_is_somebody_else_is_not_tried_for_ever(take: Take) -> None:
    keys, (frame, *_) = Keys(), tone_frames(0.02)
    ear = Ear(ADA, take)
    for _ in range(MOST_MISSES + 20):
        ear.hear(sealed(of(BOB, frame)), KEY, keys)
    assert len(keys.asked) == MOST_MISSES


def test_who_is_missed_now_and_then_stays_the_member(take: Take) -> None:
    keys, (frame, *_) = Keys(), tone_frames(0.02)
    ear = Ear(ADA, take)
    for number in range(MOST_MISSES + 20):
        ear.hear(sealed(of(BOB, frame)), KEY, keys)
        ear.hear(sealed(of(ADA, frame)), KEY, keys)
        assert len(keys.asked) == 2 * (number + 1)


def test_what_is_no_packet_is_passed_over(take: Take) -> None:
    keys = Keys()
    Ear(ADA, take).hear(b"noise", KEY, keys)
    assert keys.asked == []
