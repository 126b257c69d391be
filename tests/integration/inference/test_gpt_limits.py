"""What the slot decoder refuses, and in what state that leaves it."""

import pytest
import torch

from services.chassis.errors import InvalidInputError
from services.inference.engines.engine import Sampling
from services.inference.engines.xtts.gpt.decoder import Admission, SlotDecoder, SlotsFullError
from services.inference.engines.xtts.gpt.precision import Precision
from tests.models.random_gpt import TINY, random_gpt

WIDTH = TINY["model_dim"]


@pytest.fixture
def decoder() -> SlotDecoder:
    return SlotDecoder(random_gpt(TINY), slot_count=2)


def request_for(decoder: SlotDecoder, token_count: int = 4) -> Admission:
    voice = decoder.conditioning_cache(torch.zeros(32, WIDTH))
    return Admission(voice, [5] * token_count, Sampling(), noise_seed=0, max_tokens=3)


def test_more_utterances_than_slots_are_refused_and_none_is_admitted(decoder: SlotDecoder) -> None:
    request = request_for(decoder)
    with pytest.raises(SlotsFullError, match="3 utterances came for 2 free slots"):
        decoder.admit([request] * 3)
    assert decoder.admit([request] * 2) == [0, 1]
    assert decoder.free_slot_count == 0


def test_a_text_that_is_too_long_is_refused_and_takes_no_slot(decoder: SlotDecoder) -> None:
    limit = TINY["max_text_tokens"]
    with pytest.raises(InvalidInputError, match=f"reads at most {limit}"):
        decoder.admit([request_for(decoder), request_for(decoder, limit + 1)])
    assert decoder.free_slot_count == 2
    assert decoder.admit([request_for(decoder, limit)]) == [0]


@pytest.mark.parametrize("shape", [(32, WIDTH + 1), (33, WIDTH), (1, 32, WIDTH)])
def test_a_conditioning_of_another_model_is_refused(
    decoder: SlotDecoder, shape: tuple[int, ...]
) -> None:
    with pytest.raises(InvalidInputError, match="clone the voice again"):
        decoder.conditioning_cache(torch.zeros(shape))


def test_an_utterance_that_ended_waits_for_its_release(decoder: SlotDecoder) -> None:
    decoder.admit([request_for(decoder)])
    ended = [decoder.step().ended for _ in range(3)]
    assert ended[:2] == [[None], [None]]
    assert ended[2] != [None]
    assert decoder.step().slots == []
    assert decoder.free_slot_count == 1
    decoder.release(0)
    decoder.release(0)
    assert decoder.free_slot_count == 2


def test_a_cpu_refuses_half_precision() -> None:
    with pytest.raises(InvalidInputError, match="choose one of bf16, fp32, int8"):
        SlotDecoder(random_gpt(TINY), slot_count=1, precision=Precision.FP16)
