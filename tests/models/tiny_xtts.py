"""XTTS folders with random weights: a tiny one for tests, and one of the real size for benches."""

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from tokenizers import Tokenizer
from TTS.tts.configs.xtts_config import XttsArgs, XttsConfig
from TTS.tts.layers.xtts.gpt import GPT
from TTS.tts.layers.xtts.hifigan_decoder import HifiDecoder
from TTS.tts.models.xtts import Xtts

from tests.models.bpe_vocabulary import LANGUAGES, train_vocabulary


@dataclass(frozen=True, slots=True)
class XttsSize:
    """How large a random XTTS is, and how readily it stops."""

    layer_count: int = 2
    channel_count: int = 64
    head_count: int = 2
    audio_token_count: int = 66
    """The last two are start and stop."""
    text_token_count: int = 400
    max_audio_tokens: int = 120
    vocoder_channel_count: int = 32
    stop_bias: float = 0.0
    """Added to the stop token's logit: below -100 an utterance goes on to its maximum."""
    seed: int = 0


TINY = XttsSize()
FULL = XttsSize(
    layer_count=30,
    channel_count=1024,
    head_count=16,
    audio_token_count=1026,
    text_token_count=6681,
    max_audio_tokens=605,
    vocoder_channel_count=512,
    stop_bias=-1e9,
)
"""XTTS v2 as it was published: 467 M parameters, 1.9 GB, which never stops by itself."""


@cache
def tiny_xtts_folder(size: XttsSize = TINY) -> Path:
    """Returns a folder with config.json, model.pth and vocab.json; made once a process."""
    folder = Path(tempfile.mkdtemp(prefix="tiny-xtts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_xtts(folder, size)
    return folder


def write_xtts(folder: Path, size: XttsSize) -> None:
    """Writes an XTTS with random weights, always the same ones for the same size."""
    folder.mkdir(parents=True, exist_ok=True)
    train_vocabulary(folder / "vocab.json", size.text_token_count)
    model = random_xtts(folder / "vocab.json", size)
    model.config.save_json(folder / "config.json")
    torch.save({"model": model.state_dict()}, folder / "model.pth")


def write_speakers(folder: Path, *names: str, size: XttsSize = TINY) -> None:
    """Writes random voices as coqui-tts publishes those that XTTS brings along."""
    source = torch.Generator().manual_seed(size.seed)
    voices = {
        name: {
            "gpt_cond_latent": torch.randn(1, 32, size.channel_count, generator=source),
            "speaker_embedding": torch.randn(1, 512, 1, generator=source) / 512**0.5,
        }
        for name in names
    }
    torch.save(voices, folder / "speakers_xtts.pth")


def random_xtts(vocabulary: Path, size: XttsSize = TINY) -> Xtts:
    """Builds coqui's own model with random weights that speak neither constantly nor endlessly.

    It is ready for training, as coqui's constructor leaves it: `eval` readies it for inference.
    """
    config = _config(vocabulary, size)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(size.seed)
        model = Xtts(config)
        model.hifigan_decoder = _vocoder(config.model_args, size)
        _diversify(model.gpt, size)
    return model


def _config(vocabulary: Path, size: XttsSize) -> XttsConfig:
    tokenizer = Tokenizer.from_file(str(vocabulary))
    arguments = XttsArgs(
        gpt_layers=size.layer_count,
        gpt_n_model_channels=size.channel_count,
        gpt_n_heads=size.head_count,
        gpt_num_audio_tokens=size.audio_token_count,
        gpt_start_audio_token=size.audio_token_count - 2,
        gpt_stop_audio_token=size.audio_token_count - 1,
        gpt_max_audio_tokens=size.max_audio_tokens,
        gpt_number_text_tokens=tokenizer.get_vocab_size(),
        gpt_start_text_token=tokenizer.token_to_id("[START]"),
        gpt_stop_text_token=tokenizer.token_to_id("[STOP]"),
        gpt_use_perceiver_resampler=True,
        decoder_input_dim=size.channel_count,
    )
    return XttsConfig(model_args=arguments, languages=list(LANGUAGES))


def _vocoder(arguments: XttsArgs, size: XttsSize) -> HifiDecoder:
    """Returns the vocoder as `Xtts` makes it, but of the width that was asked for.

    The width is in no config: who loads the folder finds it in the shapes of the weights.
    """
    return HifiDecoder(
        input_sample_rate=arguments.input_sample_rate,
        output_sample_rate=arguments.output_sample_rate,
        output_hop_length=arguments.output_hop_length,
        ar_mel_length_compression=arguments.gpt_code_stride_len,
        decoder_input_dim=arguments.decoder_input_dim,
        upsample_initial_channel_decoder=size.vocoder_channel_count,
        d_vector_dim=arguments.d_vector_dim,
        cond_d_vector_in_each_upsampling_layer=arguments.cond_d_vector_in_each_upsampling_layer,
    )


@torch.no_grad()
def _diversify(gpt: GPT, size: XttsSize) -> None:
    """Makes what comes next depend on text, voice and what was said, as trained weights do."""
    gain = 64 / size.channel_count**0.5
    for block in gpt.gpt.h:
        block.attn.c_attn.weight.mul_(gain)
        block.attn.c_proj.weight.mul_(gain)
        block.mlp.c_fc.bias.normal_(0, 0.1)
    for embedding in (gpt.mel_embedding, gpt.text_embedding):
        embedding.weight.normal_(0, 0.3)
    for positions in (gpt.mel_pos_embedding, gpt.text_pos_embedding):
        positions.emb.weight.normal_(0, 0.2)
    gpt.mel_head.weight.mul_(4)
    gpt.mel_head.bias[size.audio_token_count - 1] += size.stop_bias
