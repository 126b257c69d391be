"""What the executor of a CPU asks of its matrices."""

from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor

from services.inference.engines.xtts.gpt.kv_cache import KvCache, VoiceCache
from services.inference.engines.xtts.gpt.prompts import Prompt
from services.inference.engines.xtts.gpt.row_executor import RowExecutor

if TYPE_CHECKING:
    from services.inference.engines.xtts.gpt.slot_state import SlotState
    from services.inference.engines.xtts.gpt.transformer import Transformer

WIDTH = 8
LONGEST_TEXT = 100


class CountedRows:
    """A stack of no layers, which counts rows."""

    def __init__(self) -> None:
        self.row_counts: list[int] = []

    def __call__(self, rows: Tensor, attention: object) -> Tensor:
        del attention
        self.row_counts.append(len(rows))
        return rows


def test_texts_of_any_length_are_read_in_few_numbers_of_rows() -> None:
    counted = CountedRows()
    executor = RowExecutor(
        cast("Transformer", counted), cache_of_one_slot(), cast("SlotState", None), row_count_min=2
    )
    voice = VoiceCache(torch.zeros(1, 1, 2, WIDTH), torch.zeros(1, 1, 2, WIDTH))
    for length in range(1, LONGEST_TEXT + 1):
        executor.read([Prompt(0, voice, torch.zeros(length, WIDTH))])

    assert all(count >= length for length, count in enumerate(counted.row_counts, start=1))
    assert len(set(counted.row_counts)) <= LONGEST_TEXT / 10


def cache_of_one_slot() -> KvCache:
    return KvCache(
        layers=1,
        slots=1,
        heads=1,
        positions=LONGEST_TEXT + 2,
        head_size=WIDTH,
        dtype=torch.float32,
        device=torch.device("cpu"),
        zeroed=True,
    )
