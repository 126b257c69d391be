"""What the decoder read of a voice is kept for its next text, and no longer than the voice."""

from services.inference.engines.xtts.voice_caches import VoiceCaches
from tests.fakes.slot_decoder import FakeDecoder
from tests.fakes.xtts_speaking import a_voice


def test_what_was_read_of_a_voice_goes_with_it() -> None:
    decoder = FakeDecoder()
    caches = VoiceCaches(decoder, capacity=1)
    ada = a_voice(0.1)
    assert caches.of(ada) is caches.of(ada)

    del ada

    assert len(caches._caches) == 0


def test_the_voice_that_spoke_longest_ago_makes_room() -> None:
    decoder = FakeDecoder()
    caches = VoiceCaches(decoder, capacity=2)
    ada, bob, eve = a_voice(0.1), a_voice(0.2), a_voice(0.3)
    for voice in (ada, bob, ada, eve):
        caches.of(voice)
    assert decoder.read_voices == 3

    caches.of(ada)
    assert decoder.read_voices == 3
    caches.of(bob)
    assert decoder.read_voices == 4
