"""Nothing is computed twice: not by a second run, not by a larger one, not by two at once."""

from pathlib import Path

import pytest

from tests.e2e.command import Command, Ended, pipeline_arguments, run_pipeline
from tests.e2e.processes import OF_A_RUN, parts_of, processes_of
from tests.e2e.stack import RunningStack
from tests.e2e.talks import record, sentences

# What is computed once for each recording.
PER_RECORDING = (
    "ProbeMedia",
    "ExtractAudio",
    "PrepareAudio",
    "TranscribeAudio",
    "VerifyTranscript",
)

pytestmark = pytest.mark.timeout(120)


def test_a_second_run_computes_nothing_and_a_larger_one_only_what_is_new(
    stack: RunningStack, tmp_path: Path
) -> None:
    videos = tmp_path / "videos"
    record(videos / "first.mp4", sentences()[12:14])
    first = run_on(stack, videos, tmp_path)

    before = stack.computed()
    second = run_on(stack, videos, tmp_path)
    assert stack.computed() == before
    assert second.result["digest"] == first.result["digest"]
    assert second.result["version"] == first.result["version"]

    record(videos / "second.mkv", sentences()[14:16])
    larger = run_on(stack, videos, tmp_path)
    new = stack.computed() - before
    assert {method: new[method] for method in PER_RECORDING} == dict.fromkeys(PER_RECORDING, 1)
    assert larger.result["version"] == first.result["version"] + 1
    assert larger.result["summary"]["recording_count"] == 2


def test_two_runs_at_once_on_the_same_video_agree_and_share_the_work(
    stack: RunningStack, tmp_path: Path
) -> None:
    videos = tmp_path / "videos"
    record(videos / "shared.mp4", sentences()[16:18])
    before = stack.computed()
    one = pipeline_arguments(videos, tmp_path / "one", voice="eva")
    two = pipeline_arguments(videos, tmp_path / "two", voice="eva")
    with Command(*one, home=stack.home) as first, Command(*two, home=stack.home) as second:
        ends = (first.ended(), second.ended())
    assert [end.exit_code for end in ends] == [0, 0], ends
    assert ends[0].result["digest"] == ends[1].result["digest"]
    assert ends[0].result["run_id"] != ends[1].result["run_id"]
    new = stack.computed() - before
    assert {method: new[method] for method in PER_RECORDING} == dict.fromkeys(PER_RECORDING, 1)


def test_two_commands_at_once_use_one_stack(tmp_path: Path) -> None:
    home, videos = tmp_path / "home", tmp_path / "videos"
    record(videos / "talk.mp4", sentences()[18:20])
    one, two = (pipeline_arguments(videos, tmp_path / name) for name in ("one", "two"))
    with Command(*one, home=home) as first, Command(*two, home=home) as second:
        first.until(lambda event: event.get("stage") == "prepare")
        second.until(lambda event: event.get("stage") == "prepare")
        assert parts_of(home) == sorted(OF_A_RUN), "each part runs once"
        ends = (first.ended(), second.ended())
    assert [end.exit_code for end in ends] == [0, 0], ends
    assert ends[0].result["digest"] == ends[1].result["digest"]
    assert processes_of(home) == {}


def run_on(stack: RunningStack, videos: Path, folder: Path) -> Ended:
    ended = run_pipeline(videos, folder / "dataset", home=stack.home)
    assert ended.exit_code == 0, ended
    return ended
