"""The sample videos: who says what, and when."""

from dataclasses import dataclass
from pathlib import Path

from gateway.demo.check import Speech
from gateway.demo.prompts import Prompt, recorded_prompts
from gateway.demo.videos import FORMATS, GAP_SECONDS, make_video

SEED = 3
PROMPTS_PER_VIDEO = 20


@dataclass(frozen=True, slots=True)
class Sample:
    """A video with what is said in it."""

    video: Path
    said: tuple[Speech, ...]


def make_samples(folder: Path, prompts_per_video: int = PROMPTS_PER_VIDEO) -> list[Sample]:
    """Makes a video of each format, each with other prompts; the same ones every time.

    Raises:
        PromptsMissingError: the recordings are not installed.
    """
    prompts = recorded_prompts(prompts_per_video * len(FORMATS), seed=SEED)
    samples = []
    for number, form in enumerate(FORMATS):
        chosen = prompts[number * prompts_per_video : (number + 1) * prompts_per_video]
        video = make_video(folder, f"talk-{number + 1}", chosen, form)
        samples.append(Sample(video, tuple(_timed(chosen))))
    return samples


def _timed(prompts: list[Prompt]) -> list[Speech]:
    """Returns when each prompt is spoken."""
    said = []
    seconds = GAP_SECONDS
    for prompt in prompts:
        said.append(Speech(seconds, seconds + prompt.seconds, prompt.text))
        seconds += prompt.seconds + GAP_SECONDS
    return said
