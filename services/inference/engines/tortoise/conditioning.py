"""A voice as Tortoise sees it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import safetensors.torch
import soxr
import torch
from safetensors import SafetensorError
from torch import Tensor
from torch.nn import functional
from TTS.tts.layers.tortoise.arch_utils import TorchMelSpectrogram
from TTS.tts.layers.tortoise.audio_utils import wav_to_univnet_mel

from services.chassis.errors import InvalidInputError
from services.inference.engines.engine import ReferenceAudio
from services.inference.engines.tortoise.loading import LoadedTortoise

_AUTOREGRESSIVE_RATE_HERTZ = 22_050
_AUTOREGRESSIVE_SAMPLES = 132_300
"""What coqui-tts hears of a longer clip, from somewhere in it; here always from its beginning."""
_DIFFUSION_RATE_HERTZ = 24_000
_MIN_SECONDS = 0.33


@dataclass(frozen=True, slots=True, eq=False)
class TortoiseConditioning:
    """A voice; made by one model version, and for that version only. float32, on the CPU."""

    autoregressive: Tensor
    """Of shape (1, channels)."""
    diffusion: Tensor
    """Of shape (1, twice the channels)."""

    def to_bytes(self) -> bytes:
        """Returns it as safetensors, for `from_bytes`."""
        return safetensors.torch.save(
            {"autoregressive": self.autoregressive, "diffusion": self.diffusion}
        )

    @classmethod
    def from_bytes(cls, content: bytes) -> "TortoiseConditioning":
        """Returns what `to_bytes` gave.

        Raises InvalidInputError with the reason INVALID_CONDITIONING for anything else.
        """
        try:
            tensors = safetensors.torch.load(content)
            return cls(tensors["autoregressive"], tensors["diffusion"])
        except (SafetensorError, KeyError, ValueError) as error:
            raise InvalidInputError(
                "This is no conditioning of Tortoise: clone the voice again from its references.",
                reason="INVALID_CONDITIONING",
                field="voice",
            ) from error


@torch.inference_mode()
def condition(loaded: LoadedTortoise, references: Sequence[ReferenceAudio]) -> TortoiseConditioning:
    """Returns what `Tortoise.get_conditioning_latents` does of the beginning of each reference.

    Raises InvalidInputError with the reason REFERENCE_TOO_SHORT.
    """
    seconds = [len(r.samples) / r.sample_rate_hertz for r in references]
    if not seconds or min(seconds) < _MIN_SECONDS:
        raise InvalidInputError(
            f"A reference is shorter than {_MIN_SECONDS} seconds: give a few seconds of speech.",
            reason="REFERENCE_TOO_SHORT",
            field="references",
        )
    model, device = loaded.model, loaded.model.device
    to_mel = TorchMelSpectrogram(mel_norm_file=None).to(device)
    mels, diffusion_mels = [], []
    for reference in references:
        clip = _clip(reference, _AUTOREGRESSIVE_RATE_HERTZ, _AUTOREGRESSIVE_SAMPLES).to(device)
        mels.append(to_mel(clip) / loaded.mel_norms[:, None])
        clip = _clip(reference, _DIFFUSION_RATE_HERTZ, model.args.duration_const).to(device)
        diffusion_mels.append(wav_to_univnet_mel(clip, device=device))
    autoregressive = model.autoregressive.get_conditioning(torch.stack(mels, dim=1))
    diffusion = model.diffusion.get_conditioning(torch.stack(diffusion_mels, dim=1))
    return TortoiseConditioning(autoregressive.cpu(), diffusion.cpu())


def _clip(reference: ReferenceAudio, rate_hertz: int, sample_count: int) -> Tensor:
    """Returns the beginning of a recording, of shape (1, `sample_count`), silent after its end."""
    margin = 1  # second, so that the end of the cut is resampled like its middle
    needed = (sample_count // rate_hertz + margin + 1) * reference.sample_rate_hertz
    samples = reference.samples[:needed].astype(np.float32)
    if reference.sample_rate_hertz != rate_hertz:
        samples = soxr.resample(samples, reference.sample_rate_hertz, rate_hertz)
    clip = torch.from_numpy(np.clip(samples[:sample_count], -1, 1))[None]
    return functional.pad(clip, (0, sample_count - clip.shape[1]))
