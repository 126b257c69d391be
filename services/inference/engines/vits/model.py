"""A VITS model that is ready to speak."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from services.inference.engines.hifigan import Generator, Voice

FOR_TRAINING = re.compile(
    r"(disc|posterior_encoder|speaker_encoder|audio_resampler|duration_predictor\.post_[a-z]+)(\.|$)"
)
"""What the names of those parts of coqui's network begin with that only training needs."""


@dataclass(frozen=True, slots=True)
class VitsModel:
    """A network, and how texts become its tokens."""

    network: Any
    """coqui's `TTS.tts.models.vits.Vits` without its decoder, with weights folded."""
    decoder: Generator
    """What makes latents into samples."""
    tokenize: Callable[[str, str], list[int]]
    """Returns the tokens of a text in a language, named as the network names it.

    Raises InvalidInputError when nothing in the text can be spoken. May start a program and wait.
    """
    languages: Mapping[str, str]
    """BCP 47 -> as the network names it."""
    sample_rate_hertz: int
    speakers: Mapping[str, torch.Tensor] = field(default_factory=dict)
    """Who the network can speak as: vectors of shape (1, channels, 1); none when it has one voice.

    The first one speaks when nobody is asked for.
    """

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        device: torch.device = self.network.text_encoder.emb.weight.device
        return device

    @property
    def memory_bytes(self) -> int:
        """What its weights take."""
        weights: int = sum(weight.nbytes for weight in self.network.parameters())
        return weights + self.decoder.memory_bytes

    @property
    def frames_per_second(self) -> float:
        """How many frames of latents a second of speech takes before any interpolation."""
        interpolated = self.network.args.encoder_sample_rate and self.network.args.interpolate_z
        factor = self.network.interpolate_factor if interpolated else 1.0
        return self.sample_rate_hertz / self.decoder.frame_samples / float(factor)

    def voice(self, speaker: torch.Tensor | None) -> Voice:
        """Returns what a speaker adds to the decoder's layers; nobody adds nothing."""
        return self.decoder.voice(torch.zeros(1) if speaker is None else speaker)


def drop_training_parts(network: nn.Module) -> None:
    """Takes out of coqui's `Vits` what only training needs: more than half of it."""
    for name, _ in list(network.named_modules()):
        if FOR_TRAINING.fullmatch(name):
            parent, _, child = name.rpartition(".")
            delattr(network.get_submodule(parent), child)


def fold_weights(network: nn.Module) -> None:
    """Stores each weight as its convolution uses it, for inference alone.

    coqui keeps weights as a direction and a norm, and multiplies them anew for every sentence; the
    product is the same number once and for all.
    """
    for module in network.modules():
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")
    network.eval().requires_grad_(requires_grad=False)


def take_decoder(network: Any, device: torch.device) -> Generator:  # noqa: ANN401
    """Returns the decoder of coqui's `Vits`, which goes on without it."""
    decoder = Generator(network.waveform_decoder, torch.float32, device)
    del network.waveform_decoder
    return decoder
