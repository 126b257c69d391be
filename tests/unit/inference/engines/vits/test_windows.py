"""A sentence is decoded in pieces that grow, and each sees all that its samples depend on."""

import itertools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from services.inference.engines.vits.windows import LONGEST_SECONDS, piece_frames, pieces_of

FRAME_SAMPLES = 3
REACH = 2


class SummingDecoder:
    """Each sample is the sum of the frames around its own: wrong if one of them is missing."""

    frame_samples = FRAME_SAMPLES
    reach_frames = REACH

    def __call__(self, frames: torch.Tensor, _: object) -> torch.Tensor:
        padded = torch.nn.functional.pad(frames.sum(1), (REACH, REACH))
        return padded.unfold(0, 2 * REACH + 1, 1).sum(1).repeat_interleave(FRAME_SAMPLES)


@pytest.mark.parametrize("frame_count", [1, 2, 3, 7, 40])
@pytest.mark.parametrize("count", [1, 2, 5, 100])
def test_pieces_joined_are_the_whole(frame_count: int, count: int) -> None:
    decoder: Any = SummingDecoder()
    frames = torch.rand(1, 4, frame_count)
    voice: Any = SimpleNamespace()

    pieces = list(pieces_of(frames, decoder, voice, itertools.repeat(count)))

    np.testing.assert_allclose(np.concatenate(pieces), decoder(frames[0].T, voice), rtol=1e-6)
    lengths = [len(piece) for piece in pieces]
    assert lengths[:-1] == [count * FRAME_SAMPLES] * (len(pieces) - 1)
    assert lengths[-1] <= (count + REACH) * FRAME_SAMPLES


def test_pieces_begin_small_and_grow_to_a_bound() -> None:
    counts = list(itertools.islice(piece_frames(100), 8))

    assert counts[0] == 25
    assert counts == sorted(counts)
    assert counts[-1] == LONGEST_SECONDS * 100


def test_a_slow_model_still_makes_a_frame_at_a_time() -> None:
    assert next(piece_frames(1)) == 1


def test_sentences_of_any_length_take_windows_of_few_lengths() -> None:
    seen: set[int] = set()

    class WatchingDecoder(SummingDecoder):
        def __call__(self, frames: torch.Tensor, voice: object) -> torch.Tensor:
            seen.add(len(frames))
            return super().__call__(frames, voice)

    decoder: Any = WatchingDecoder()
    voice: Any = SimpleNamespace()
    for frame_count in range(40, 240):
        list(pieces_of(torch.rand(1, 1, frame_count), decoder, voice, itertools.repeat(20)))

    assert len(seen) < 5
