"""The HiFi-GAN generator of several families: coqui-tts's weights, folded once, run in windows."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from services.inference.engines.receptive_field import (
    Convolution,
    Upsampling,
    receptive_field,
)

if TYPE_CHECKING:
    from TTS.vocoder.models.hifigan_generator import HifiganGenerator

_SLOPE = 0.1
_LAST_SLOPE = 0.01


@dataclass(frozen=True, slots=True)
class _Layer:
    """A convolution over time, as one over images of one row.

    oneDNN and cuDNN run those channels-last without reordering between layers: a quarter less
    time than coqui-tts's own Conv1d takes on a CPU.
    """

    weight: Tensor
    bias: Tensor | None
    stride: int
    padding: int
    dilation: int
    transposed: bool

    @classmethod
    def of(cls, module: nn.Module, dtype: torch.dtype, device: torch.device) -> "_Layer":
        """Takes a Conv1d or ConvTranspose1d over; asking for its weight folds the weight norm."""
        assert isinstance(module, nn.Conv1d | nn.ConvTranspose1d)  # noqa: S101 - narrows the type
        weight = module.weight.detach().to(device, dtype).unsqueeze(2)
        return cls(
            weight=weight.contiguous(memory_format=torch.channels_last),
            bias=None if module.bias is None else module.bias.detach().to(device, dtype),
            stride=module.stride[0],
            padding=int(module.padding[0]),
            dilation=module.dilation[0],
            transposed=isinstance(module, nn.ConvTranspose1d),
        )

    @property
    def kernel_size(self) -> int:
        return self.weight.shape[-1]

    @property
    def memory_bytes(self) -> int:
        return self.weight.nbytes + (0 if self.bias is None else self.bias.nbytes)

    @property
    def shape(self) -> Convolution:
        return Convolution(self.kernel_size, self.dilation)

    def __call__(self, signal: Tensor) -> Tensor:
        padding = (0, self.padding)
        if self.transposed:
            return functional.conv_transpose2d(
                signal, self.weight, self.bias, stride=(1, self.stride), padding=padding
            )
        return functional.conv2d(
            signal, self.weight, self.bias, padding=padding, dilation=(1, self.dilation)
        )


@dataclass(frozen=True, slots=True)
class _Stage:
    """One upsampling, what the speaker adds to it, and its parallel residual blocks."""

    upsampling: _Layer
    condition: _Layer | None
    blocks: list[list[list[_Layer]]]
    """Blocks of residual steps of one or two layers."""

    @property
    def shape(self) -> Upsampling:
        return Upsampling(
            kernel_size=self.upsampling.kernel_size,
            stride=self.upsampling.stride,
            padding=self.upsampling.padding,
            chains=[[layer.shape for step in block for layer in step] for block in self.blocks],
        )

    def layers(self) -> list[_Layer]:
        own = [self.upsampling] if self.condition is None else [self.upsampling, self.condition]
        return own + [layer for block in self.blocks for step in block for layer in step]

    def __call__(self, signal: Tensor, condition: Tensor | None) -> Tensor:
        signal = self.upsampling(functional.leaky_relu_(signal, _SLOPE))
        if condition is not None:
            signal.add_(condition)
        total: Tensor | None = None
        for block in self.blocks:
            through = signal
            for step in block:
                change = functional.leaky_relu(through, _SLOPE)
                for index, layer in enumerate(step):
                    change = layer(functional.leaky_relu_(change, _SLOPE) if index else change)
                through = change.add_(through)
            total = through if total is None else total.add_(through)
        assert total is not None  # noqa: S101 - a stage has blocks
        return total.div_(len(self.blocks))


@dataclass(frozen=True, slots=True)
class Voice:
    """What a speaker embedding adds after each layer that hears of it."""

    first: Tensor | None
    stages: list[Tensor | None]


class Generator:
    """Frames of latents in, samples out; the same as coqui-tts's module, in any precision.

    The last layer always runs in single precision: a half has too few bits for samples.
    """

    def __init__(
        self, module: "HifiganGenerator", dtype: torch.dtype, device: torch.device
    ) -> None:
        """Copies the weights of `module`, which stays as it is."""
        if device.type == "cuda":
            # cuDNN's own choice may add up in another order each time, and rounds float32 to 10
            # bits: the same seed is to sound the same, and float32 is to be that.
            torch.backends.cudnn.deterministic = True
            torch.backends.cudnn.allow_tf32 = False

        def layer(part: nn.Module, held_as: torch.dtype = dtype) -> _Layer:
            return _Layer.of(part, held_as, device)

        self._dtype = dtype
        self._device = device
        self._before = layer(module.conv_pre)
        self._condition = layer(module.cond_layer) if hasattr(module, "cond_layer") else None
        self._after = layer(module.conv_post, torch.float32)
        blocks = [[[layer(part) for part in step] for step in _steps(b)] for b in module.resblocks]
        width = module.num_kernels
        self._stages = [
            _Stage(
                upsampling=layer(up),
                condition=layer(module.conds[i]) if module.cond_in_each_up_layer else None,
                blocks=blocks[i * width : (i + 1) * width],
            )
            for i, up in enumerate(module.ups)
        ]
        self.channel_count = self._before.weight.shape[1]
        """How many channels a frame has."""
        self.speaker_size = 0 if self._condition is None else self._condition.weight.shape[1]
        """How many numbers an embedding of a speaker has."""
        self.frame_samples = math.prod(stage.upsampling.stride for stage in self._stages)
        """How many samples a frame becomes."""
        shapes = [stage.shape for stage in self._stages]
        self.reach_frames = receptive_field(self._before.shape, shapes, self._after.shape)
        """How many frames to either side a frame's samples depend on."""
        behind_first = receptive_field(Convolution(1), shapes[1:], self._after.shape)
        self._late_reach = math.ceil(behind_first / self._stages[0].upsampling.stride)
        """How many of them the layers behind the first upsampling look at."""

    @property
    def memory_bytes(self) -> int:
        """What the weights take."""
        layers = [self._before, self._after, *(x for stage in self._stages for x in stage.layers())]
        layers += [] if self._condition is None else [self._condition]
        return sum(layer.memory_bytes for layer in layers)

    def voice(self, speaker_embedding: Tensor) -> Voice:
        """Returns what a speaker, of as many numbers as the model has for one, adds."""
        speaker = speaker_embedding.to(self._device, self._dtype).reshape(1, -1, 1, 1)

        def of(layer: _Layer | None) -> Tensor | None:
            return None if layer is None else layer(speaker)

        return Voice(of(self._condition), [of(stage.condition) for stage in self._stages])

    def __call__(
        self, frames: Tensor, voice: Voice, before: int = 0, after: int = 0, step: int = 1
    ) -> Tensor:
        """Returns samples, float32 of shape (frames * frame_samples,), of (frames, channels).

        For those of the first `before` and the last `after` frames, which are there to be looked
        at, there are none. Nearly all of that looking is done before the first upsampling ends:
        what is superfluous then goes there, `step` frames or multiples of it.
        """
        signal = frames.to(self._device, self._dtype).T[None, :, None, :]
        signal = self._before(signal.contiguous(memory_format=torch.channels_last))
        if voice.first is not None:
            signal.add_(voice.first)
        for index, (stage, condition) in enumerate(zip(self._stages, voice.stages, strict=True)):
            signal = stage(signal, condition)
            if index == 0:
                signal, before, after = self._narrowed(signal, before, after, step)
        signal = self._after(functional.leaky_relu_(signal, _LAST_SLOPE).float())
        samples = signal.tanh_().reshape(-1)
        return samples[before * self.frame_samples : len(samples) - after * self.frame_samples]

    def _narrowed(
        self, signal: Tensor, before: int, after: int, step: int
    ) -> tuple[Tensor, int, int]:
        """Drops frames that later layers do not look at; returns how many of both are left."""
        late_before, late_after = (
            max(0, before - self._late_reach),
            max(0, after - self._late_reach),
        )
        superfluous = (late_before + late_after) // step * step
        drop_after = min(late_after, superfluous)
        drop_before = superfluous - drop_after
        rate = self._stages[0].upsampling.stride
        kept = signal[..., drop_before * rate : signal.shape[-1] - drop_after * rate]
        kept = kept.contiguous(memory_format=torch.channels_last)
        return kept, before - drop_before, after - drop_after


def _steps(block: nn.Module) -> list[list[nn.Module]]:
    """Returns the residual steps of a block of either of coqui-tts's types."""
    parts = dict(block.named_children())
    names = ("convs1", "convs2") if "convs1" in parts else ("convs",)
    return [list(step) for step in zip(*(parts[name].children() for name in names), strict=True)]
