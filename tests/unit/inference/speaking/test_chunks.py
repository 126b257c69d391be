"""Audio cut into the chunks that travel."""

import numpy as np

from services.inference.speaking.chunks import Chunks, as_pcm


def test_chunks_are_numbered_without_gaps_and_hold_every_sample_once() -> None:
    rng = np.random.default_rng(1)
    pieces = [rng.uniform(-1, 1, n).astype(np.float32) for n in (1, 3_700, 0, 240, 9_999)]
    chunks = Chunks(max_chunk_samples=1_000, max_samples=10**9)
    cut = [chunk for piece in pieces for chunk in chunks.cut(piece)]
    assert [chunk.sequence_number for chunk in cut] == list(range(len(cut)))
    ends = np.cumsum([chunk.sample_count for chunk in cut])
    assert [chunk.sample_offset for chunk in cut] == [0, *ends[:-1]]
    assert max(chunk.sample_count for chunk in cut) <= 1_000
    joined = np.frombuffer(b"".join(chunk.pcm for chunk in cut), "<i2")
    assert np.array_equal(joined, as_pcm(np.concatenate(pieces)))


def test_a_stream_ends_at_its_longest_length() -> None:
    chunks = Chunks(max_chunk_samples=100, max_samples=250)
    samples = np.ones(200, np.float32)
    sizes = [chunk.sample_count for _ in range(3) for chunk in chunks.cut(samples)]
    assert sizes == [100, 100, 50]
    assert chunks.is_full


def test_samples_beyond_the_range_are_clipped_and_do_not_wrap_around() -> None:
    samples = np.array([-3, -1, 0, 1, 3], np.float32)
    assert as_pcm(samples).tolist() == [-32767, -32767, 0, 32767, 32767]
