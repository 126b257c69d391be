"""From latents to audio, piece by piece: the same samples as all at once, only sooner."""

from collections.abc import Iterator

import torch

from services.inference.engines.engine import Samples
from services.inference.engines.hifigan import Generator, Voice

FIRST_SECONDS = 0.25
GROWTH = 2
LONGEST_SECONDS = 2.0
"""A longer piece would keep others waiting for it, and save next to nothing."""
LAST_WINDOW_STEP = 32
"""Of which the number of frames in the last window is a multiple, if the sentence has enough."""


def piece_frames(frames_per_second: float) -> Iterator[int]:
    """Yields how many frames the pieces have: few at first, for the sake of who waits."""
    seconds = FIRST_SECONDS
    while True:
        yield max(1, round(seconds * frames_per_second))
        seconds = min(seconds * GROWTH, LONGEST_SECONDS)


def pieces_of(
    frames: torch.Tensor, decoder: Generator, voice: Voice, counts: Iterator[int]
) -> Iterator[Samples]:
    """Yields the audio of latents, of shape (1, channels, frames), in pieces of `counts` frames.

    Each piece is decoded together with all frames that its samples depend on, and cut out, so that
    the pieces joined are equal to the audio of one decoding. The last window begins earlier than
    it must, so that its length is one of few: torch keeps what it prepares for every new length.
    """
    frames = frames[0].T
    begin, frame_count = 0, frames.shape[0]
    while begin < frame_count:
        end = begin + next(counts)
        if end + decoder.reach_frames >= frame_count:
            end = frame_count  # a window that sees the end may as well reach it
        seen = max(0, begin - decoder.reach_frames)
        if end == frame_count:
            seen = max(0, seen - (seen - end) % LAST_WINDOW_STEP)
        with torch.inference_mode():
            audio = decoder(frames[seen : end + decoder.reach_frames], voice).cpu().numpy()
        first = (begin - seen) * decoder.frame_samples
        yield audio[first : first + (end - begin) * decoder.frame_samples]
        begin = end
