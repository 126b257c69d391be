"""Listening: where speech is and how loud each moment is, in frames of 32 ms."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.audio_qc.pace import Pace
from services.audio_qc.sound.sound_on_disk import SoundOnDisk
from services.speech.regions import FRAME_SAMPLES, SAMPLE_RATE_HERTZ, Region, speech_regions
from services.speech.vad import SileroVad

FRAME_SECONDS = FRAME_SAMPLES / SAMPLE_RATE_HERTZ
BLOCK_FRAMES = 1024

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording, frame by frame."""

    regions: list[Region]
    """Where speech is."""
    speech: NDArray[np.bool_]
    """Per frame: whether it holds speech."""
    powers: NDArray[np.float32]
    """Per frame: the mean square."""

    @property
    def speech_seconds(self) -> float:
        """How much speech there is."""
        return sum(region.end - region.start for region in self.regions) / SAMPLE_RATE_HERTZ

    def frames_between(self, start_seconds: float, end_seconds: float) -> slice:
        """Returns the frames that a stretch of time touches."""
        first = max(0, int(start_seconds / FRAME_SECONDS))
        return slice(first, max(first + 1, int(np.ceil(end_seconds / FRAME_SECONDS))))


def listen(sound: SoundOnDisk, vad: SileroVad, pace: Pace) -> Heard:
    """Listens to a mono recording at 16 kHz."""
    stream = vad.stream()
    probabilities, powers = [], []
    step = BLOCK_FRAMES * FRAME_SAMPLES
    for start in range(0, len(sound), step):
        pace(start / len(sound))
        block = sound.read(start, start + step)
        probabilities.append(stream.push(block))
        powers.append(_frame_powers(block))
    probabilities.append(stream.finish())
    power = np.concatenate([np.zeros(0, np.float32), *powers])
    regions = [
        Region(region.start, min(region.end, len(sound)))
        for region in speech_regions(np.concatenate(probabilities))
    ]
    return Heard(regions, _mask(regions, len(power)), power)


def _frame_powers(block: Samples) -> NDArray[np.float32]:
    missing = -len(block) % FRAME_SAMPLES
    frames = np.concatenate([block, np.zeros(missing, np.float32)]).reshape(-1, FRAME_SAMPLES)
    powers = np.mean(np.square(frames), axis=1)
    if missing:
        powers[-1] *= FRAME_SAMPLES / (FRAME_SAMPLES - missing)
    return np.asarray(powers, np.float32)


def _mask(regions: list[Region], frame_count: int) -> NDArray[np.bool_]:
    mask = np.zeros(frame_count, bool)
    for region in regions:
        mask[region.start // FRAME_SAMPLES : -(-region.end // FRAME_SAMPLES)] = True
    return mask
