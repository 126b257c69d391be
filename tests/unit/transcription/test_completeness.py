"""What is taken for a loss."""

from services.speech.regions import SAMPLE_RATE_HERTZ, Region
from services.transcription.completeness import better, is_doubtful, unheard_seconds
from services.transcription.recognition import Recognition
from tests.unit.transcription.hearing import heard

NOTHING = Recognition((), {})
SPEECH = [Region(0, 3 * SAMPLE_RATE_HERTZ), Region(4 * SAMPLE_RATE_HERTZ, 8 * SAMPLE_RATE_HERTZ)]
LOOP = heard("thank you very much " * 20, end=8)


def test_words_over_all_the_speech_leave_nothing_unheard() -> None:
    assert unheard_seconds(heard("all of it", end=8), SPEECH) == 0
    assert not is_doubtful(heard("all of it", end=8), SPEECH)


def test_a_text_that_ends_early_is_doubtful() -> None:
    early = heard("only the beginning", end=3)
    assert unheard_seconds(early, SPEECH) == 4
    assert is_doubtful(early, SPEECH)


def test_no_text_where_there_is_speech_is_doubtful_and_is_fine_in_silence() -> None:
    assert is_doubtful(NOTHING, SPEECH)
    assert not is_doubtful(NOTHING, [])


def test_a_phrase_that_goes_round_is_doubtful() -> None:
    assert is_doubtful(LOOP, SPEECH)


def test_the_decoding_that_hears_more_without_a_loop_is_taken() -> None:
    early, whole = heard("the beginning", end=3), heard("the beginning and the end", end=8)
    assert better(early, whole, SPEECH) is whole
    assert better(whole, early, SPEECH) is whole
    assert better(NOTHING, early, SPEECH) is early
    assert better(LOOP, early, SPEECH) is early
    assert better(whole, whole, SPEECH) is whole
