"""A video that is dropped into a watched folder becomes a dataset without a command."""

import json
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.command import Event, tts_trainer
from tests.e2e.stack import RunningStack
from tests.e2e.talks import record, sentences
from tests.eventually import eventually

RUNNING, SUCCEEDED = "STATE_RUNNING", "STATE_SUCCEEDED"
WITHIN_SECONDS = 60

pytestmark = pytest.mark.timeout(150)


async def test_each_drop_makes_a_version_that_holds_what_was_dropped_so_far(
    stack: RunningStack, watched_folder: Path, tmp_path: Path
) -> None:
    inbox = watched_folder / "dora"
    inbox.mkdir()
    (inbox / "voice.json").write_text(json.dumps({"language_code": "en", "model": "tiny.en"}))
    for version, name in enumerate(("first talk.mp4", "second talk.mkv"), start=1):
        talk = record(tmp_path / name, sentences()[version : version + 1])
        talk.path.rename(inbox / name)
        await eventually(
            partial(has_succeeded, stack, version),
            within_seconds=WITHIN_SECONDS,
            every_seconds=1,
        )
    shown = tts_trainer("datasets", "show", "dora", home=stack.home)
    assert shown.result["version"] == 2
    assert shown.result["summary"]["recording_count"] == 2


def has_succeeded(stack: RunningStack, count: int) -> bool:
    """Asks whether so many runs of the voice have made a dataset; none may have failed."""
    listed = tts_trainer("runs", "list", "--voice", "dora", home=stack.home)
    runs: list[Event] = listed.result["runs"]
    assert all(run["state"] in (RUNNING, SUCCEEDED) for run in runs), runs
    return [run["state"] for run in runs].count(SUCCEEDED) == count
