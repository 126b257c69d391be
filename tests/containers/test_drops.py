"""Videos that are dropped become datasets, the same ones that one command makes on a laptop."""

import json
import shutil
import time
from functools import partial
from pathlib import Path

import pytest
from minio import Minio

from tests.containers.compose import HOST, ComposeStack
from tests.containers.figures import note_figure
from tests.e2e.command import Event, run_pipeline, tts_trainer
from tests.e2e.talks import record, sentences
from tests.eventually import eventually

BUCKET = "tts-trainer"
S3_ENDPOINT = f"{HOST}:8333"
VOICE_FILE = {"language_code": "en", "model": "tiny.en"}
WITHIN_SECONDS = 300


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two videos of one speaker."""
    folder = tmp_path_factory.mktemp("videos")
    prompts = sentences()
    record(folder / "first talk.mp4", prompts[:4])
    record(folder / "second talk.mkv", prompts[4:8])
    return folder


@pytest.fixture(scope="module")
def digest(videos: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What one command on this machine makes of the videos."""
    home = tmp_path_factory.mktemp("embedded")
    start = time.monotonic()
    ended = run_pipeline(videos, home / "dataset", "--language", "en", home=home / "home")
    note_figure(f"embedded, from the command to the dataset: {time.monotonic() - start:.1f} s")
    assert ended.exit_code == 0, ended
    return str(ended.result["digest"])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a person whose stack is elsewhere."""
    return tmp_path_factory.mktemp("home")


async def test_a_drop_by_s3_makes_the_dataset_of_the_embedded_run(
    stack: ComposeStack, videos: Path, digest: str, home: Path
) -> None:
    secrets = stack.environment()
    s3 = Minio(S3_ENDPOINT, secrets["S3_DROP_ACCESS_KEY"], secrets["S3_DROP_SECRET_KEY"],
               secure=False)  # fmt: skip
    content = json.dumps(VOICE_FILE)
    voice_file = videos.parent / "voice.json"
    voice_file.write_text(content)
    start = time.monotonic()
    s3.fput_object(BUCKET, "inbox/ada/voice.json", str(voice_file))
    for video in sorted(videos.iterdir()):
        s3.fput_object(BUCKET, f"inbox/ada/{video.name}", str(video))
    await has_dataset(home, "ada")
    note_figure(f"containers, from the drop to the dataset: {time.monotonic() - start:.1f} s")
    assert shown(home, "ada")["digest"] == digest


async def test_a_drop_by_folder_makes_the_same_dataset(
    stack: ComposeStack, videos: Path, digest: str, home: Path, inbox: Path
) -> None:
    folder = inbox / "grace"
    folder.mkdir()
    (folder / "voice.json").write_text(json.dumps(VOICE_FILE))
    for video in videos.iterdir():
        shutil.copy(video, folder)
    await has_dataset(home, "grace")
    assert shown(home, "grace")["digest"] == digest


async def test_the_command_uses_the_containers_with_server(
    stack: ComposeStack, videos: Path, digest: str, tmp_path: Path
) -> None:
    output = tmp_path / "dataset"
    options = ("--language", "en", "--server", HOST)
    ended = run_pipeline(videos, output, *options, home=tmp_path / "home", voice="edsger")
    assert ended.exit_code == 0, ended
    assert ended.result["digest"] == digest
    assert list((output / "wavs").iterdir())


async def has_dataset(home: Path, voice: str) -> None:
    """Waits until the voice's run has made a dataset."""
    await eventually(
        partial(_has_succeeded, home, voice), within_seconds=WITHIN_SECONDS, every_seconds=0.5
    )


def shown(home: Path, voice: str) -> Event:
    """Returns what `datasets show` says."""
    return tts_trainer("datasets", "show", voice, "--server", HOST, home=home).result


def _has_succeeded(home: Path, voice: str) -> bool:
    listed = tts_trainer("runs", "list", "--voice", voice, "--server", HOST, home=home)
    states = {run["state"] for run in listed.result["runs"]}
    assert states <= {"STATE_RUNNING", "STATE_SUCCEEDED"}, listed.result
    return states == {"STATE_SUCCEEDED"}
