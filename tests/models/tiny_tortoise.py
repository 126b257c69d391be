"""A Tortoise folder with few random weights."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import torch
from TTS.tts.configs.tortoise_config import TortoiseArgs, TortoiseConfig
from TTS.tts.models.tortoise import Tortoise


@cache
def tiny_tortoise_folder() -> Path:
    """Returns a folder with the files of a published Tortoise; made once a process."""
    folder = Path(tempfile.mkdtemp(prefix="tiny-tortoise-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_tortoise(folder)
    return folder


def write_tortoise(folder: Path) -> None:
    """Writes a Tortoise with random weights, always the same ones."""
    config = TortoiseConfig(
        model_args=_ARGUMENTS, num_autoregressive_samples=2, diffusion_iterations=3
    )
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        model = Tortoise(config)
    with torch.no_grad():
        model.autoregressive.mel_head.weight.mul_(20)
    config.save_json(folder / "config.json")
    masks = {"gpt.h.0.attn.bias": torch.ones(1), "gpt.h.0.attn.masked_bias": torch.ones(1)}
    torch.save(model.autoregressive.state_dict() | masks, folder / "autoregressive.pth")
    torch.save(model.diffusion.state_dict(), folder / "diffusion_decoder.pth")
    torch.save(model.clvp.state_dict(), folder / "clvp2.pth")
    torch.save({"model_g": model.vocoder.state_dict()}, folder / "vocoder.pth")
    torch.save(torch.ones(80), folder / "mel_norms.pth")


_ARGUMENTS = TortoiseArgs(
    ar_layers=2,
    ar_model_dim=64,
    ar_heads=2,
    diff_model_channels=64,
    diff_num_layers=1,
    diff_in_latent_channels=64,
    diff_num_heads=2,
    clvp_dim_text=32,
    clvp_dim_speech=32,
    clvp_dim_latent=32,
    clvp_text_enc_depth=1,
    clvp_text_heads=2,
    clvp_speech_enc_depth=1,
    clvp_speech_heads=2,
)
