import importlib.util
from pathlib import Path

import numpy as np
import pytest

from services.chassis.errors import UnavailableError
from services.inference.engines.engine import Samples
from services.inference.files.marking import OVERLAP_SECONDS, WINDOW_SECONDS, mark_file
from services.inference.files.watermark import load_watermark

RATE_HERTZ = 100


class Halving:
    """A mark that is easy to see: everything is half as loud."""

    def __init__(self) -> None:
        self.longest = 0

    def mark(self, samples: Samples, sample_rate_hertz: int) -> Samples:
        assert sample_rate_hertz == RATE_HERTZ
        self.longest = max(self.longest, samples.size)
        return samples * np.float32(0.5)


@pytest.mark.parametrize("count", [1, 49, 50, 51, 1_999, 2_000, 2_050, 2_051, 4_001, 10_000])
async def test_every_sample_is_marked_once_and_windows_leave_no_seam(
    tmp_path: Path, count: int
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    pcm = (np.sin(np.arange(count) / 7) * 30_000).astype("<i2")
    source.write_bytes(pcm.tobytes())
    halving = Halving()

    await mark_file(source, target, RATE_HERTZ, halving)

    marked = np.frombuffer(target.read_bytes(), dtype="<i2")
    np.testing.assert_allclose(marked, pcm / 2, atol=1)
    assert halving.longest <= (WINDOW_SECONDS + OVERLAP_SECONDS) * RATE_HERTZ


def test_without_a_watermark_nothing_is_loaded() -> None:
    assert load_watermark("off") is None


def test_a_watermark_that_is_not_installed_says_what_to_install() -> None:
    if importlib.util.find_spec("perth") and importlib.util.find_spec("pkg_resources"):
        pytest.skip("resemble-perth is installed here")

    with pytest.raises(UnavailableError, match="pip install"):
        load_watermark("perth")
