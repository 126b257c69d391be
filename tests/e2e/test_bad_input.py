"""Bad recordings are left out with a reason, good ones are none the worse, and logs keep quiet."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import speech
from tests.e2e.command import PROGRAM, Ended, Event, environment, pipeline_arguments, tts_trainer
from tests.e2e.stack import RunningStack
from tests.e2e.talks import Prompts, Talk, record, sentences
from tests.recorded_media import PICTURE, VIDEOS, encode

ODD_NAME = 'it\'s "the" 1st talk;\nof $HOME — ünï ★.mp4'
LONG_NAME = "a very long name, " * 13 + "indeed.mp4"
SHOWN_OF_LONG_NAME = LONG_NAME[:180]
# File -> the reason for which it is left out, and what the message says.
LEFT_OUT = {
    "empty.mp4": ("EMPTY_FILE", "nothing to import"),
    "letter.mp4": ("NOT_MEDIA", "check that the file plays"),
    "cut short.mp4": ("INCOMPLETE_FILE", "Copy or record it again"),
    "mute.mp4": ("NO_AUDIO_STREAM", "give a recording in which somebody can be heard"),
    "silence.mp4": ("NO_USABLE_SPEECH", "give a recording in which somebody speaks"),
    "spanish.mp4": ("NO_TRUSTED_CLIPS", "WRONG_LANGUAGE (2)"),
}
WORDS_OF_A_PHRASE = 3

pytestmark = pytest.mark.timeout(180)


@dataclass(frozen=True, slots=True)
class Run:
    """A run on good and bad recordings."""

    folder: Path
    duet: Talk
    ended: Ended

    def left_out(self) -> dict[str, Event]:
        """Returns what was left out, by the name of the file."""
        return {each["display_name"]: each for each in self.ended.result["left_out"]}

    def used(self) -> dict[str, Event]:
        """Returns what became of the others, by the name of the file."""
        return {each["display_name"]: each for each in self.ended.result["recordings"]}


@pytest.fixture(scope="module")
def run(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs a folder with all that people drop by mistake, and three good videos."""
    folder = tmp_path_factory.mktemp("mixed")
    videos = folder / "videos"
    english, spanish, italian = (sentences(language) for language in ("en", "es", "it"))
    record(videos / ODD_NAME, english[24:25])
    record(videos / LONG_NAME, english[25:26])
    duet = record(videos / "duet.mkv", [*english[26:28], *italian[:1], *english[28:29]])
    record(videos / "spanish.mp4", spanish[:2])
    whole = record(folder / "whole.mp4", english[32:34]).path.read_bytes()
    (videos / "cut short.mp4").write_bytes(whole[: len(whole) // 2])
    encode(folder / "fast.mp4", "-i", folder / "whole.mp4", "-c", "copy", "-movflags", "+faststart")
    fast = (folder / "fast.mp4").read_bytes()
    (videos / "lost its end.mp4").write_bytes(fast[: len(fast) * 2 // 3])
    (videos / "empty.mp4").touch()
    (videos / "letter.mp4").write_text("Dear Ada,\nthis is no video.\n" * 40)
    encode(videos / "mute.mp4", *PICTURE, "-t", "3", "-c:v", "libx264")
    quiet = speech.save(folder / "silence.wav", speech.silence(6))
    encode(videos / "silence.mp4", *PICTURE, "-i", quiet, *VIDEOS["mp4"], "-t", "6")
    arguments = pipeline_arguments(
        videos, folder / "dataset", "--language", "en", "--model", "base"
    )
    return Run(folder, duet, tts_trainer(*arguments, home=stack.home))


def test_what_cannot_be_used_is_left_out_with_a_reason_and_the_exit_code_says_so(run: Run) -> None:
    assert run.ended.exit_code == 3, run.ended
    told = {name: each["reason"] for name, each in run.left_out().items()}
    assert told == {name: reason for name, (reason, _) in LEFT_OUT.items()}
    for name, (_, advice) in LEFT_OUT.items():
        assert advice in run.left_out()[name]["message"]


def test_good_recordings_are_none_the_worse(run: Run) -> None:
    long_name = next(name for name in run.used() if name.startswith(SHOWN_OF_LONG_NAME))
    for name in (ODD_NAME, long_name):
        recording = run.used()[name]
        assert recording["kept_seconds"] > 0.7 * recording["duration_seconds"], recording


def test_a_video_that_lost_its_end_gives_what_is_left_of_it(run: Run) -> None:
    partial = run.used()["lost its end.mp4"]
    assert partial["missing_seconds"] > 1
    assert partial["kept_seconds"] > 1


def test_the_clips_of_another_speaker_are_rejected(run: Run) -> None:
    recording = run.used()["duet.mkv"]
    his = run.duet.sayings[2]
    his_seconds = his.end_seconds - his.start_seconds
    her_seconds = run.duet.speech_seconds - his_seconds
    assert recording["rejections"]["OTHER_SPEAKER"] == pytest.approx(his_seconds, rel=0.2)
    assert recording["kept_seconds"] > 0.7 * her_seconds


def test_a_reference_says_whose_clips_are_wanted(
    run: Run, stack: RunningStack, tmp_path: Path
) -> None:
    paths = [path for path, _ in sentences("it")[3:5]]
    reference = speech.save(tmp_path / "his voice.wav", speech.talk(paths))
    places = (run.duet.path, tmp_path / "dataset")
    arguments = pipeline_arguments(*places, "--reference", str(reference), "--model", "base")
    (recording,) = tts_trainer(*arguments, home=stack.home).result["recordings"]
    his = run.duet.sayings[2]
    his_seconds = his.end_seconds - his.start_seconds
    assert recording["kept_seconds"] == pytest.approx(his_seconds, rel=0.2)
    assert recording["rejections"]["OTHER_SPEAKER"] > 0.7 * (run.duet.speech_seconds - his_seconds)


def test_people_get_a_plain_table_without_tracebacks_or_control_characters(
    run: Run, stack: RunningStack
) -> None:
    arguments = pipeline_arguments(
        run.folder / "videos", run.folder / "dataset", "--language", "en", "--model", "base"
    )
    shown = subprocess.run(
        [PROGRAM, *arguments],
        env=environment(stack.home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 3, shown
    assert "Traceback" not in shown.stdout + shown.stderr
    assert re.search(r"[^\n -~\u00a0-\uffff]", shown.stdout + shown.stderr) is None
    for each in run.left_out().values():
        assert each["message"].split()[0] in shown.stdout
    for name in LEFT_OUT:
        assert name in shown.stdout
        assert f"{name}: left out at" in shown.stderr


def test_a_model_that_is_not_installed_ends_the_command_with_what_to_do(
    stack: RunningStack, tmp_path: Path
) -> None:
    record(tmp_path / "videos/talk.mp4", sentences()[34:35])
    arguments = pipeline_arguments(tmp_path / "videos", tmp_path / "dataset", "--model", "large-v3")
    ended = tts_trainer(*arguments, home=stack.home)
    assert ended.exit_code == 1, ended
    failed = next(event for event in ended.events if event["type"] == "failed")
    assert failed["reason"] == "MODEL_NOT_INSTALLED"
    assert "large-v3" in failed["message"]
    assert ended.error["message"]


def test_what_is_not_there_is_wrong_usage(stack: RunningStack, tmp_path: Path) -> None:
    ended = tts_trainer(
        *pipeline_arguments(tmp_path / "no such folder", tmp_path / "dataset"), home=stack.home
    )
    assert ended.exit_code == 2, ended
    assert "no such folder" in ended.error["message"]


def test_logs_hold_no_tracebacks_and_nothing_of_what_was_said(
    run: Run, stack: RunningStack
) -> None:
    logs = "\n".join(path.read_text() for path in (stack.home / "logs").iterdir())
    assert "step.settled" in logs
    assert '"level": "error"' not in logs
    assert "Traceback" not in logs
    said = _plain(logs)
    assert [phrase for phrase in _phrases(sentences()) if phrase in said] == []


def _phrases(prompts: Prompts) -> Iterator[str]:
    for _, text in prompts:
        words = _plain(text).split()
        for first in range(len(words) - WORDS_OF_A_PHRASE + 1):
            yield " ".join(words[first : first + WORDS_OF_A_PHRASE])


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z']+", text.lower()))
