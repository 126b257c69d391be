"""How long sentences may be spoken."""

import pytest
import torch

from services.inference.engines.vits.durations import cut


def test_durations_within_the_maximum_stay() -> None:
    durations = torch.tensor([3.0, 0.0, 4.0])
    assert cut(durations, 7) == (durations, True)


@pytest.mark.parametrize(
    ("durations", "left"),
    [
        ([3.0, 2.0, 9.0], [3.0, 2.0, 1.0]),
        ([7.0, 2.0, 9.0], [6.0, 0.0, 0.0]),
        ([2.0, float("inf"), 1.0], [2.0, 4.0, 0.0]),
    ],
)
def test_speech_ends_at_its_maximum(durations: list[float], left: list[float]) -> None:
    shortened, is_whole = cut(torch.tensor(durations), 6)
    assert shortened.tolist() == left
    assert not is_whole
