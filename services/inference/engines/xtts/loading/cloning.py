"""Listens to speech of one speaker, as coqui-tts does, and returns the voice."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import soxr
import torch
import torchaudio
from torch import Tensor
from TTS.tts.layers.xtts.gpt import GPT
from TTS.tts.layers.xtts.hifigan_decoder import HifiDecoder
from TTS.tts.models.xtts import wav_to_mel_cloning

from services.chassis.errors import InvalidInputError
from services.inference.engines.engine import ReferenceAudio
from services.inference.engines.xtts.loading.conditioning import XttsConditioning

_GPT_RATE_HERTZ = 22_050
_SPEAKER_RATE_HERTZ = 16_000
_MIN_SECONDS = 0.33
"""A shorter chunk says too little; coqui-tts leaves it out too."""
_RESAMPLING_MARGIN_SECONDS = 1
"""Read beyond what is used, so that the end of a cut is resampled like its middle."""


@dataclass(frozen=True, slots=True)
class Listening:
    """How much of the references is heard; the names are those of the config, in seconds."""

    max_ref_len: int
    """Of each reference, for the speaker embedding."""
    gpt_cond_len: int
    """Of all references in a row, for the GPT; below 1 it hears all."""
    gpt_cond_chunk_len: int
    """The GPT hears chunks of this length, and takes the mean."""
    sound_norm_refs: bool
    """Whether each reference is scaled to a peak of 0.75."""


class VoiceCloner:
    """The parts of a model that hear a voice."""

    def __init__(
        self, gpt: GPT, vocoder: HifiDecoder, mel_norms: Tensor, listening: Listening
    ) -> None:
        """Shares the modules; `mel_norms` divide each of the mel bands, of shape (80,)."""
        self._gpt = gpt
        self._speaker_encoder = vocoder.speaker_encoder
        self._device = vocoder.device
        self._mel_norms = mel_norms.cpu()
        self._listening = listening

    @torch.inference_mode()
    def condition(self, references: Sequence[ReferenceAudio]) -> XttsConditioning:
        """Returns what `Xtts.get_conditioning_latents` would, of recordings of one speaker.

        Memory is bounded: of each recording no more is taken than the config says.

        Raises InvalidInputError with the reason REFERENCE_TOO_SHORT.
        """
        clips = [self._prepared(reference) for reference in references]
        if not clips or min(clip.shape[1] for clip in clips) < _MIN_SECONDS * _GPT_RATE_HERTZ:
            raise _too_short()
        embeddings = torch.stack([self._speaker_embedding(clip) for clip in clips])
        latents = self._gpt_latents(torch.cat(clips, dim=-1))
        return XttsConditioning(latents.cpu(), embeddings.mean(dim=0).cpu())

    def _prepared(self, reference: ReferenceAudio) -> Tensor:
        """Returns the recording as the GPT hears it, of shape (1, samples)."""
        seconds = self._listening.max_ref_len
        rate_hertz = reference.sample_rate_hertz
        samples = reference.samples[: rate_hertz * (seconds + _RESAMPLING_MARGIN_SECONDS)]
        samples = samples.astype(np.float32)
        if rate_hertz != _GPT_RATE_HERTZ:
            samples = soxr.resample(samples, rate_hertz, _GPT_RATE_HERTZ)
        clip = torch.from_numpy(np.clip(samples[: _GPT_RATE_HERTZ * seconds], -1, 1))[None]
        peak = clip.abs().max() if clip.numel() else torch.tensor(0.0)
        if self._listening.sound_norm_refs and peak > 0:
            clip = clip / peak * 0.75
        return clip.to(self._device)

    def _speaker_embedding(self, clip: Tensor) -> Tensor:
        """Returns who speaks, of shape (512, 1)."""
        resampled = torchaudio.functional.resample(clip, _GPT_RATE_HERTZ, _SPEAKER_RATE_HERTZ)
        embedding: Tensor = self._speaker_encoder(resampled, l2_norm=True)
        return embedding[0].unsqueeze(-1)

    def _gpt_latents(self, clip: Tensor) -> Tensor:
        """Returns how it is spoken, of shape (positions, channels)."""
        if self._listening.gpt_cond_len > 0:
            clip = clip[:, : _GPT_RATE_HERTZ * self._listening.gpt_cond_len]
        chunks = torch.split(clip, _GPT_RATE_HERTZ * self._listening.gpt_cond_chunk_len, dim=1)
        latents = [
            self._gpt.get_style_emb(self._mel(chunk))
            for chunk in chunks
            if chunk.shape[1] >= _MIN_SECONDS * _GPT_RATE_HERTZ
        ]
        return torch.stack(latents).mean(dim=0)[0].transpose(0, 1)

    def _mel(self, chunk: Tensor) -> Tensor:
        """Returns its log-mel spectrogram, of shape (1, 80, frames)."""
        mel: Tensor = wav_to_mel_cloning(
            chunk.cpu(),
            mel_norms=self._mel_norms,
            n_fft=2048,
            hop_length=256,
            win_length=1024,
            sample_rate=_GPT_RATE_HERTZ,
        )
        return mel.to(self._device)


def _too_short() -> InvalidInputError:
    return InvalidInputError(
        f"A reference is shorter than {_MIN_SECONDS} seconds: give a few seconds of speech.",
        reason="REFERENCE_TOO_SHORT",
        field="references",
    )
