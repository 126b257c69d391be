"""Marks a file of samples window by window, so that books take no more memory than sentences."""

import asyncio
from pathlib import Path

import numpy as np

from services.inference.engines.engine import Samples
from services.inference.files.watermark import Watermark

WINDOW_SECONDS = 20.0
OVERLAP_SECONDS = 0.5
FULL_SCALE = 32768


async def mark_file(
    source: Path, target: Path, sample_rate_hertz: int, watermark: Watermark
) -> None:
    """Writes the signed 16-bit samples of `source` to `target`, as many, with a watermark.

    Neighbouring windows are faded into each other, so that none is heard to begin.
    """
    pcm = np.memmap(source, dtype="<i2", mode="r")
    window = round(WINDOW_SECONDS * sample_rate_hertz)
    overlap = round(OVERLAP_SECONDS * sample_rate_hertz)
    rising = np.linspace(0, 1, overlap, dtype=np.float32)
    faded: Samples = np.zeros(0, dtype=np.float32)
    with await asyncio.to_thread(target.open, "wb") as file:
        for start in range(0, max(1, pcm.size - overlap), window):
            end = min(pcm.size, start + window + overlap)
            samples = pcm[start:end].astype(np.float32) / np.float32(FULL_SCALE)
            marked = await asyncio.to_thread(watermark.mark, samples, sample_rate_hertz)
            marked = marked.copy()
            marked[: faded.size] = marked[: faded.size] * rising[: faded.size] + faded
            is_last = end == pcm.size
            whole = marked if is_last else marked[:-overlap]
            faded = marked[:0] if is_last else marked[-overlap:] * (1 - rising)
            await asyncio.to_thread(file.write, _as_pcm(whole))


def _as_pcm(samples: Samples) -> bytes:
    limits = np.iinfo(np.int16)
    scaled = np.clip(np.rint(samples * FULL_SCALE), limits.min, limits.max)
    return scaled.astype("<i2").tobytes()
