"""Voice activity detection: where in a recording somebody speaks (Silero VAD, 16 kHz)."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from services.speech.models import model_file
from services.speech.regions import FRAME_SAMPLES, Region, speech_regions

CONTEXT_SAMPLES = 64
"""The model sees the end of the frame before, too."""
SILERO_SHA256 = "9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85"

Samples = NDArray[np.float32]


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
