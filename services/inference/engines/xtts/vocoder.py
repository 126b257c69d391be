"""XTTS's vocoder in windows: latents in as they come, and exactly the samples of a full decode."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from services.inference.engines.engine import Samples
from services.inference.engines.hifigan import Generator, Voice
from services.inference.engines.xtts.interpolation import LinearInterpolation

if TYPE_CHECKING:
    from TTS.tts.layers.xtts.hifigan_decoder import HifiDecoder

_UNKNOWN_COUNT = 2**31
"""Stands for the length of a signal that goes on."""
_SLOWEST = 0.05
"""As coqui-tts bounds the speed."""
_WIDTH_STEP = 8
"""Windows are widths of this many frames: oneDNN plans anew, for 70 ms, for each width it meets."""


class Vocoder:
    """What all streams of a model share: the generator, and how latents are stretched to frames."""

    def __init__(self, decoder: "HifiDecoder", dtype: torch.dtype, device: torch.device) -> None:
        """Copies the weights of `decoder`, which stays as it is."""
        self.generator = Generator(decoder.waveform_decoder, dtype, device)
        self.sample_rate_hertz = int(decoder.output_sample_rate)
        self.token_seconds = decoder.ar_mel_length_compression / decoder.input_sample_rate
        """How long a token sounds at speed 1."""
        self._stages = [
            LinearInterpolation(decoder.ar_mel_length_compression / decoder.output_hop_length)
        ]
        if decoder.output_sample_rate != decoder.input_sample_rate:
            ratio = decoder.output_sample_rate / decoder.input_sample_rate
            self._stages.append(LinearInterpolation(ratio))

    @property
    def memory_bytes(self) -> int:
        """What the weights take."""
        return self.generator.memory_bytes

    def open(self, speaker_embedding: Tensor, speed: float = 1.0) -> "VocoderStream":
        """Begins an utterance of a speaker, an embedding of as many numbers as the model takes."""
        stages = list(self._stages)
        if speed != 1.0:
            stages.insert(0, LinearInterpolation(1.0 / max(speed, _SLOWEST)))
        return VocoderStream(self.generator, self.generator.voice(speaker_embedding), stages)

    def warm_up(self, token_counts: Iterable[int]) -> None:
        """Makes chunks of silence, so that nobody waits while libraries plan for such windows."""
        generator = self.generator
        stream = self.open(torch.zeros(generator.speaker_size))
        for count in token_counts:
            stream.push(torch.zeros(count, generator.channel_count))


class VocoderStream:
    """The audio of one utterance.

    A sample is made as soon as all it depends on is there, and never made again; a window of
    frames is as wide as the generator looks, so nothing is crossfaded. Keeps the few latents that
    the next window needs, however long the utterance.
    """

    def __init__(
        self, generator: Generator, voice: Voice, stages: list[LinearInterpolation]
    ) -> None:
        """Begins at the first frame; `stages` stretch latents to frames, one after the other."""
        self._generator = generator
        self._voice = voice
        self._stages = stages
        self._latents: Tensor | None = None
        self._offset = 0  # index of the first latent kept
        self._count = 0  # of all latents so far
        self._made = 0  # frames made into samples

    @torch.inference_mode()
    def push(self, latents: Tensor, *, last: bool = False) -> Samples:
        """Takes the next latents, of shape (tokens, channels); returns what became certain.

        After the `last` ones, which may be none, all samples have been returned.
        """
        kept = latents if self._latents is None else torch.cat([self._latents, latents])
        self._count += len(latents)
        self._latents = kept
        known = self._frames(certain=not last)
        stop = known if last else known - self._generator.reach_frames
        if stop <= self._made:
            return np.zeros(0, dtype=np.float32)
        start = max(0, self._made - self._generator.reach_frames)
        start = max(0, start - (start - known) % _WIDTH_STEP)
        frames = self._window(kept, start, known, whole=last)
        samples = self._generator(
            frames, self._voice, self._made - start, known - stop, _WIDTH_STEP
        )
        self._made = stop
        self._forget()
        return samples.cpu().numpy()

    def _frames(self, *, certain: bool) -> int:
        """Returns how many frames the latents so far have, or have whatever follows."""
        count = self._count
        for stage in self._stages:
            count = stage.certain_length(count) if certain else stage.length(count)
        return count

    def _window(self, kept: Tensor, start: int, stop: int, *, whole: bool) -> Tensor:
        """Returns the frames [start, stop), of shape (frames, channels)."""
        spans = self._spans(start, stop)
        count = self._count
        values, offset = kept, self._offset
        for stage, (first, after) in zip(self._stages, spans, strict=True):
            length = stage.length(count)
            end = min(after, length) if whole else after
            known = count if whole else _UNKNOWN_COUNT
            values = stage.window(values, offset, first, end, known)
            offset, count = first, length
        return values

    def _spans(self, start: int, stop: int) -> list[tuple[int, int]]:
        """Returns the outputs that each stage must give for the frames [start, stop)."""
        spans = [(start, stop)]
        for stage in reversed(self._stages[1:]):
            spans.insert(0, stage.inputs(*spans[0]))
        return spans

    def _forget(self) -> None:
        """Drops the latents that no frame to come lies between."""
        start = max(0, self._made - self._generator.reach_frames - _WIDTH_STEP + 1)
        first = self._stages[0].inputs(*self._spans(start, start + 1)[0])[0]
        drop = min(first, self._count) - self._offset
        if drop > 0 and self._latents is not None:
            self._latents = self._latents[drop:].clone()
            self._offset += drop
