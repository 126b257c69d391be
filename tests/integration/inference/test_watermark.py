"""The watermark of resemble-perth, where that optional package is installed."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from services.inference.files.encoding import encoded
from services.inference.files.formats import AudioFileFormat
from services.inference.files.tags import SpeechTags
from services.inference.files.watermark import PerthWatermark
from tests.speech import prompts, talk

pytest.importorskip("pkg_resources", reason="resemble-perth needs setuptools below 81")
pytest.importorskip("perth", reason="resemble-perth, which brings the weights, is optional")
pytestmark = pytest.mark.filterwarnings("ignore")
RATE_HERTZ = 16_000


async def test_a_watermark_is_found_in_a_file_and_not_in_what_it_was_made_of(
    tmp_path: Path,
) -> None:
    speech = talk([path for path, _ in prompts(min_seconds=2)[:2]])
    watermark = PerthWatermark()

    async def pieces() -> AsyncIterator[bytes]:
        yield np.rint(speech * 32767).astype("<i2").tobytes()

    async with encoded(
        pieces(),
        RATE_HERTZ,
        AudioFileFormat.FLAC,
        SpeechTags("joe", "joe", "1"),
        scratch=tmp_path,
        watermark=watermark,
    ) as path:
        marked, _ = soundfile.read(path, dtype="float32")

    assert marked.size == speech.size
    assert watermark.share(marked, RATE_HERTZ) > 0.9
    assert watermark.share(speech, RATE_HERTZ) < 0.1
