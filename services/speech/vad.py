"""Voice activity detection: where in a recording somebody speaks (Silero VAD, 16 kHz)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from services.speech.models import model_file

SAMPLE_RATE_HERTZ = 16_000
FRAME_SAMPLES = 512
"""One probability is given per frame of 32 ms."""
CONTEXT_SAMPLES = 64
"""The model sees the end of the frame before, too."""
SILERO_SHA256 = "9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85"

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of speech, in samples at 16 kHz: `start` is in it, `end` is one past it."""

    start: int
    end: int

    @property
    def start_seconds(self) -> float:
        """When it begins."""
        return self.start / SAMPLE_RATE_HERTZ

    @property
    def end_seconds(self) -> float:
        """When it ends."""
        return self.end / SAMPLE_RATE_HERTZ


class SileroVad:
    """The loaded model; safe to share between threads, since each stream keeps its own state."""

    def __init__(self, path: Path | None = None, *, thread_count: int = 1) -> None:
        """Loads the model; raises ModelMissingError when the package silero-vad is absent."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = thread_count
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            path or silero_file(), options, providers=["CPUExecutionProvider"]
        )

    def stream(self) -> "VadStream":
        """Returns a fresh stream, for one recording."""
        return VadStream(self._session)

    def probabilities(self, blocks: Iterable[Samples]) -> NDArray[np.float32]:
        """Returns the probability of speech per frame of a recording that comes in blocks."""
        stream = self.stream()
        found = [stream.push(block) for block in blocks]
        return np.concatenate([*found, stream.finish()])

    def regions(self, blocks: Iterable[Samples]) -> list[Region]:
        """Returns the speech in a mono 16 kHz recording that comes in blocks of any size."""
        return speech_regions(self.probabilities(blocks))


class VadStream:
    """Takes a recording block by block and gives the probability of speech per frame."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        """Starts with an empty memory."""
        self._session = session
        self._hidden = np.zeros((1, 1, 128), np.float32)
        self._cell = np.zeros((1, 1, 128), np.float32)
        self._held = np.zeros(CONTEXT_SAMPLES, np.float32)

    def push(self, samples: Samples) -> NDArray[np.float32]:
        """Returns the probabilities of the frames that `samples` (mono, float32) completes."""
        held = np.concatenate([self._held, samples])
        count = (len(held) - CONTEXT_SAMPLES) // FRAME_SAMPLES
        self._held = held[count * FRAME_SAMPLES :]
        if count == 0:
            return np.zeros(0, np.float32)
        width = CONTEXT_SAMPLES + FRAME_SAMPLES
        frames = np.lib.stride_tricks.sliding_window_view(held, width)[::FRAME_SAMPLES][:count]
        inputs = {"input": np.ascontiguousarray(frames), "h": self._hidden, "c": self._cell}
        speech, self._hidden, self._cell = self._session.run(None, inputs)
        return np.asarray(speech, np.float32).reshape(-1)

    def finish(self) -> NDArray[np.float32]:
        """Returns the probability of the last, incomplete frame, if there is one."""
        missing = -(len(self._held) - CONTEXT_SAMPLES) % FRAME_SAMPLES
        return self.push(np.zeros(missing, np.float32))


def silero_file() -> Path:
    """Returns where the model lies; raises ModelMissingError."""
    return model_file("silero_vad", "data/silero_vad_16k_sequence.onnx", SILERO_SHA256)


def speech_regions(
    probabilities: Sequence[float] | NDArray[np.float32],
    *,
    onset: float = 0.5,
    offset: float = 0.35,
    min_speech_seconds: float = 0.1,
    min_silence_seconds: float = 0.1,
) -> list[Region]:
    """Turns probabilities per frame into regions of speech, in order, apart from each other.

    Speech starts where the probability reaches `onset` and ends where it stays below `offset` for
    `min_silence_seconds` (the hysteresis of silero-vad's own `get_speech_timestamps`, which uses
    the same values). Regions shorter than `min_speech_seconds` are dropped.
    """
    min_speech = min_speech_seconds * SAMPLE_RATE_HERTZ
    min_silence = min_silence_seconds * SAMPLE_RATE_HERTZ
    regions: list[Region] = []
    start, quiet = -1, -1
    for index, probability in enumerate([*probabilities, *_ending(min_silence)]):
        now = index * FRAME_SAMPLES
        if probability >= onset:
            start = now if start < 0 else start
            quiet = -1
        elif start >= 0 and probability < offset:
            quiet = now if quiet < 0 else quiet
            if now + FRAME_SAMPLES - quiet >= min_silence:
                if quiet - start >= min_speech:
                    regions.append(Region(start, quiet))
                start = quiet = -1
    return regions


def _ending(min_silence: float) -> list[float]:
    return [0.0] * (int(min_silence // FRAME_SAMPLES) + 1)
