"""One trial: videos that nobody has seen, what the embedded stack makes of them, and a run."""

import json
import random
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.cli.exit_status import ExitStatus
from tests.containers.compose import ComposeStack
from tests.e2e.command import Command, Ended, pipeline_arguments, run_pipeline
from tests.e2e.stack import RunningStack
from tests.e2e.talks import record, sentences
from tests.prove.containers.parts import log_lines, messages_in
from ttstrainer.pipeline.v1 import pipeline_service_pb2 as pb

LANGUAGE = ("--language", "en")
VOICE_FILE = {"language_code": "en", "model": "tiny.en"}
DONE = {ExitStatus.OK, ExitStatus.PARTLY}
FORMATS = ("mp4", "mkv", "mov", "webm")


@dataclass(frozen=True, slots=True)
class Trial:
    """A run that something will happen to."""

    stack: ComposeStack
    voice: str
    videos: Path
    digest: str
    """What the embedded stack made of the videos."""
    left_out: set[str]
    """The videos of which it could use nothing."""
    transcribed_count: int
    start: float
    start_time: str
    buried_count: int
    """What lay among the dead letters before."""

    @contextmanager
    def run(self) -> Iterator[Command]:
        """Runs the command against the containers for as long as the block lasts."""
        output = self.videos.parent / "dataset"
        options = (*LANGUAGE, "--server", self.stack.host)
        arguments = pipeline_arguments(self.videos, output, *options, voice=self.voice)
        with Command(*arguments, home=self.videos.parent / "home") as command:
            yield command

    def drop(self, inbox: Path) -> None:
        """Drops the videos into the mounted folder, as somebody does who does not wait."""
        folder = inbox / self.voice
        folder.mkdir()
        (folder / "voice.json").write_text(json.dumps(VOICE_FILE))
        for video in self.videos.iterdir():
            shutil.copy(video, folder)

    def check_run(self, run: pb.Run) -> None:
        """Says of a drop's run what `check` says of a command's."""
        assert run.state == pb.STATE_SUCCEEDED, run
        left_out = {each.display_name for each in run.recordings if each.HasField("error")}
        assert left_out == self.left_out, run
        assert run.dataset.digest == self.digest, run
        self.check_queues()

    def check(self, ended: Ended) -> None:
        """Says that the run came to the same end as if nothing had been, and left nothing over."""
        assert ended.exit_code in DONE, (ended.messages, ended.events[-3:])
        assert _left_out(ended) == self.left_out
        assert ended.result["digest"] == self.digest, self.videos
        self.check_queues()

    def check_queues(self) -> None:
        """Says that nothing was given up and nothing waits."""
        assert messages_in(self.stack, "DEAD") == self.buried_count
        assert messages_in(self.stack, "WORK") == 0

    def repeated_count(self) -> int:
        """Returns how many deliveries since the start were not the first of their step."""
        lines = log_lines(self.stack, self.start_time)
        settled = (line for line in lines if line.get("event") == "step.settled")
        return sum(line["delivery"] > 1 for line in settled)


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Where trials are made; a seed and the name of a trial say what is spoken in its videos."""

    stack: ComposeStack
    embedded: RunningStack
    folder: Path
    seed: str

    def random(self, name: str) -> random.Random:
        """Returns the choices of one trial."""
        return random.Random(f"{self.seed} {name}")  # noqa: S311 - no secret

    def trial(self, name: str, *, video_count: int = 3, prompt_count: int = 2) -> Trial:
        """Makes the videos of a trial and runs the embedded stack on them."""
        chance = self.random(name)
        prompts = chance.sample(sentences(), video_count * prompt_count)
        voice = name.replace(" ", "-")
        place = self.folder / voice
        for number in range(video_count):
            spoken = prompts[number * prompt_count : (number + 1) * prompt_count]
            suffix = FORMATS[number % len(FORMATS)]
            record(place / f"videos/talk {number + 1}.{suffix}", spoken)
        transcribed_before = self.embedded.computed()["TranscribeAudio"]
        ended = run_pipeline(
            place / "videos", place / "embedded", *LANGUAGE, home=self.embedded.home, voice=voice
        )
        assert ended.exit_code in DONE, ended
        return Trial(
            stack=self.stack,
            voice=voice,
            videos=place / "videos",
            digest=str(ended.result["digest"]),
            left_out=_left_out(ended),
            transcribed_count=self.embedded.computed()["TranscribeAudio"] - transcribed_before,
            start=time.monotonic(),
            start_time=datetime.now(UTC).isoformat(),
            buried_count=messages_in(self.stack, "DEAD"),
        )


def _left_out(ended: Ended) -> set[str]:
    return {str(each["display_name"]) for each in ended.result["left_out"]}
