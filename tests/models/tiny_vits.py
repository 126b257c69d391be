"""coqui VITS folders with random weights, small enough for tests."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from TTS.config.shared_configs import BaseAudioConfig
from TTS.tts.configs.vits_config import VitsArgs, VitsConfig
from TTS.tts.models.vits import Vits

SMALL: dict[str, Any] = {
    "hidden_channels": 16,
    "hidden_channels_ffn_text_encoder": 32,
    "num_layers_text_encoder": 2,
    "num_layers_flow": 1,
    "num_layers_posterior_encoder": 2,
    "upsample_initial_channel_decoder": 32,
    "upsample_rates_decoder": [8, 8, 4],
    "upsample_kernel_sizes_decoder": [16, 16, 8],
    "periods_multi_period_discriminator": [2],
}
ARGUMENTS = {field.name for field in fields(VitsArgs)}


def write_tiny_vits(folder: Path, *, seed: int = 0, **settings: Any) -> Vits:  # noqa: ANN401
    """Writes config.json and model.pth of a random VITS, and returns it, ready for inference.

    `settings` are those of coqui's `VitsConfig`, or of its `VitsArgs`.
    """
    arguments = {name: value for name, value in settings.items() if name in ARGUMENTS}
    config = VitsConfig(
        model_args=VitsArgs(**(SMALL | arguments)),
        audio=BaseAudioConfig(sample_rate=16_000, hop_length=256),
        **{name: value for name, value in settings.items() if name not in arguments},
    )
    torch.manual_seed(seed)
    network = Vits(config)
    with torch.no_grad():
        for weight in network.parameters():
            # Flows begin as the identity: let them do something that a test can miss.
            if not weight.any():
                weight.normal_(std=0.1)
        network.waveform_decoder.conv_post.weight *= 30  # as loud as speech
    network.eval()
    config.save_json(folder / "config.json")
    torch.save({"model": network.state_dict(), "step": 3}, folder / "model.pth")
    return network
