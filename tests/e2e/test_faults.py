"""A part of the stack dies in the middle of a run: the run ends by itself, as if nothing was."""

import random
import signal
from pathlib import Path

import pytest

from tests.e2e.command import Command, Ended, Event, pipeline_arguments, tts_trainer
from tests.e2e.processes import OF_A_RUN, kill, processes_of
from tests.e2e.talks import record, sentences
from tests.eventually import eventually

SEED = "2026"
# After which events a part has work to lose; a seeded choice says after which of them it is killed.
# "begun" is the first sign of a stage, "over" its end.
STAGES = ("probe", "extract", "prepare", "transcribe", "verify", "build")
MOMENTS = {
    "media": ("import begun", "import over", "probe over", "build over"),
    "audio-qc": ("extract over", "prepare begun"),
    "transcription": ("prepare over", "transcribe begun", "transcribe over"),
    "dataset": ("verify over", "build over"),
    "pipeline": ("import over", *(f"{stage} over" for stage in STAGES[:-1]), "prepare begun"),
    "nats": ("import over", *(f"{stage} over" for stage in STAGES[:-1]), "prepare begun"),
}

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Makes a short video."""
    return record(tmp_path_factory.mktemp("faults") / "talk.mp4", sentences()[20:23]).path


@pytest.fixture(scope="module")
def undisturbed(video: Path) -> Ended:
    """Runs the pipeline on the video, with nothing in its way."""
    with run(video, video.parent / "undisturbed") as command:
        ended = command.ended()
    assert ended.exit_code == 0, ended
    return ended


@pytest.mark.parametrize("victim", OF_A_RUN)
def test_a_run_survives_the_death_of_a_part(
    victim: str, video: Path, undisturbed: Ended, tmp_path: Path
) -> None:
    moment = random.Random(f"{SEED} {victim}").choice(MOMENTS[victim])  # noqa: S311 - no secret
    with run(video, tmp_path) as command:
        command.until(lambda event: is_at(moment, event))
        kill(command.home, victim)
        ended = command.ended()
    assert ended.exit_code == 0, (moment, ended)
    assert ended.result["digest"] == undisturbed.result["digest"], moment
    assert ended.result["left_out"] == []


async def test_a_command_that_is_killed_leaves_no_process_and_can_be_given_again(
    video: Path, undisturbed: Ended, tmp_path: Path
) -> None:
    with run(video, tmp_path) as command:
        command.until(lambda event: event.get("stage") == "prepare")
        assert len(processes_of(command.home)) > len(OF_A_RUN)
        command.signal(signal.SIGKILL)
        command.ended()
    await eventually(lambda: not processes_of(command.home))
    with run(video, tmp_path) as again:
        ended = again.ended()
    assert ended.exit_code == 0, ended
    assert ended.result["digest"] == undisturbed.result["digest"]


def test_an_interrupted_run_goes_on_where_it_was(
    video: Path, undisturbed: Ended, tmp_path: Path
) -> None:
    with run(video, tmp_path) as command:
        command.until(lambda event: event.get("stage") == "prepare")
        command.signal(signal.SIGINT)
        interrupted = command.ended()
    assert interrupted.exit_code == 130, interrupted
    assert processes_of(command.home) == {}
    assert "runs retry" in interrupted.events[-1]["message"]
    listed = tts_trainer("runs", "list", home=command.home)
    (cancelled,) = listed.result["runs"]
    assert cancelled["run_id"] in interrupted.events[-1]["message"]
    retried = tts_trainer("runs", "retry", cancelled["run_id"], home=command.home)
    assert retried.exit_code == 0, retried
    assert retried.result["dataset"]["digest"] == undisturbed.result["digest"]
    assert processes_of(command.home) == {}


def run(video: Path, folder: Path) -> Command:
    """Starts the pipeline on a video with a data folder of its own."""
    arguments = pipeline_arguments(video, folder / "dataset", "--language", "en")
    return Command(*arguments, home=folder / "home")


def is_at(moment: str, event: Event) -> bool:
    """Says whether the event is the one, or the first of those, that the moment names."""
    stage, when = moment.split()
    return event.get("stage") == stage and (when == "begun" or event["type"] == "finished")
