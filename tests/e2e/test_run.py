"""Videos in, a dataset folder out: what it holds, how true its texts are, where seconds went."""

import csv
import json
import re
import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path

import jiwer
import pytest

from tests.e2e.command import Ended, Event, run_pipeline
from tests.e2e.talks import Talk, record, sentences

FORMATS = ("mp4", "mkv", "mov", "avi")
PROMPTS_PER_TALK = 3
MAX_WORD_ERROR_RATE = 0.06
MIN_KEPT_RATIO = 0.8
PLACES = (
    "kept_seconds",
    "rejected_seconds",
    "silence_seconds",
    "other_sound_seconds",
    "missing_seconds",
)

pytestmark = pytest.mark.timeout(180)


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is over, and what it was about."""

    talks: dict[str, Talk]
    """By the name of the file."""
    ended: Ended
    output: Path

    @property
    def description(self) -> Event:
        """What dataset.json says."""
        found: Event = json.loads((self.output / "dataset.json").read_text())
        return found

    def names(self) -> dict[str, str]:
        """Returns the file of each recording."""
        recordings = self.description["recordings"]
        return {each["recording_id"]: each["display_name"] for each in recordings}

    def heard(self, name: str) -> str:
        """Returns the texts of the kept clips of a recording."""
        clips = [clip for clip in self._kept() if self.names()[clip["recording_id"]] == name]
        return " ".join(clip["text"] for clip in sorted(clips, key=_start))

    def said(self, name: str) -> str:
        """Returns the texts of the prompts that the kept clips of a recording hold."""
        return " ".join(
            saying.text
            for saying in self.talks[name].sayings
            if any(
                _start(clip)
                <= (saying.start_seconds + saying.end_seconds) / 2
                <= clip["end_seconds"]
                for clip in self._kept()
                if self.names()[clip["recording_id"]] == name
            )
        )

    def _kept(self) -> list[Event]:
        return [clip for clip in self.description["clips"] if not clip.get("reasons")]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs four videos in four formats through the pipeline."""
    folder = tmp_path_factory.mktemp("run")
    prompts = iter(sentences())
    talks = [
        record(
            folder / f"videos/talk {suffix}.{suffix}",
            [next(prompts) for _ in range(PROMPTS_PER_TALK)],
        )
        for suffix in FORMATS
    ]
    output = folder / "dataset"
    ended = run_pipeline(folder / "videos", output, "--language", "en", home=folder / "home")
    return Run({talk.path.name: talk for talk in talks}, ended, output)


def test_videos_in_four_formats_become_a_dataset_that_a_person_can_open(run: Run) -> None:
    assert run.ended.exit_code == 0, run.ended
    assert run.ended.result["digest"] == run.description["digest"]
    assert {each["display_name"] for each in run.ended.result["recordings"]} == set(run.talks)
    assert run.ended.result["left_out"] == []
    with (run.output / "metadata.csv").open(newline="") as lines:
        rows = list(csv.reader(lines, delimiter="|", quoting=csv.QUOTE_NONE))
    assert len(rows) == run.ended.result["summary"]["kept_count"]
    for name, text, normalised in rows:
        with wave.open(str(run.output / "wavs" / f"{name}.wav")) as clip:
            assert (clip.getframerate(), clip.getnchannels(), clip.getsampwidth()) == (24_000, 1, 2)
            assert clip.getnframes() > 0
        assert text
        assert normalised
    report = (run.output / "report.html").read_text()
    assert "<svg" in report
    assert all(f"{name}.wav" in report for name, _, _ in rows)


def test_each_second_of_the_input_is_accounted_for(run: Run) -> None:
    for each in run.ended.result["recordings"]:
        promised = _sound_seconds(run.talks[each["display_name"]].path)
        assert each["duration_seconds"] == pytest.approx(promised, abs=0.05)
        assert sum(each[place] for place in PLACES) == pytest.approx(promised, abs=0.05)
    summary = run.ended.result["summary"]
    total = sum(_sound_seconds(talk.path) for talk in run.talks.values())
    assert sum(summary[place] for place in PLACES) == pytest.approx(total, abs=0.05)


def test_the_kept_clips_say_what_their_texts_say(run: Run) -> None:
    said = [_plain(run.said(name)) for name in run.talks]
    heard = [_plain(run.heard(name)) for name in run.talks]
    assert jiwer.wer(said, heard) <= MAX_WORD_ERROR_RATE, list(zip(said, heard, strict=True))


def test_most_of_the_speech_is_kept(run: Run) -> None:
    spoken = sum(talk.speech_seconds for talk in run.talks.values())
    kept = sum(
        saying.end_seconds - saying.start_seconds
        for name, talk in run.talks.items()
        for saying in talk.sayings
        if saying.text in run.said(name)
    )
    assert kept >= MIN_KEPT_RATIO * spoken, run.ended.result["recordings"]


def _start(clip: Event) -> float:
    return float(clip.get("start_seconds", 0.0))


def _plain(text: str) -> str:
    """Returns words alone, lower case; "log in" and "login" sound the same."""
    return re.sub(r"[^a-z' ]", " ", text.lower()).replace("log in", "login")


def _sound_seconds(video: Path) -> float:
    """Asks ffprobe how long the sound is; where only the file has a duration, they are equal."""
    command = ["ffprobe", "-v", "error", "-select_streams", "a:0", "-of", "json"]
    command += ["-show_entries", "stream=duration:format=duration"]
    asked = subprocess.run([*command, video], check=True, capture_output=True, text=True)
    found = json.loads(asked.stdout)
    return float(found["streams"][0].get("duration") or found["format"]["duration"])
