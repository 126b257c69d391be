from pathlib import Path

import pytest

from gateway.demo.prompts import recorded_prompts
from gateway.demo.videos import FORMATS, Format, make_video


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: str(form.extension))
def test_a_sample_video_is_the_same_bytes_each_time(tmp_path: Path, form: Format) -> None:
    prompts = recorded_prompts(1, seed=1)
    first = make_video(tmp_path / "first", "talk", prompts, form).read_bytes()
    assert make_video(tmp_path / "second", "talk", prompts, form).read_bytes() == first
