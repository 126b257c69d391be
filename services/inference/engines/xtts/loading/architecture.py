"""Makes coqui's modules for a config, and fills them with weights."""

from pathlib import Path

import torch
from torch import Tensor
from TTS.tts.configs.xtts_config import XttsArgs
from TTS.tts.layers.xtts.gpt import GPT
from TTS.tts.layers.xtts.hifigan_decoder import HifiDecoder
from TTS.tts.layers.xtts.stream_generator import init_stream_support

from services.inference.engines.checkpoints import corrupt, load_weights, refusing
from services.inference.engines.xtts.loading.tokenizer import XttsTokenizer
from services.inference.engines.xtts.loading.weights import block_count

_VOCODER_INPUT = "waveform_decoder.conv_pre.weight"


def make_gpt(
    arguments: XttsArgs, tokenizer: XttsTokenizer, weights: dict[str, Tensor], path: Path
) -> GPT:
    """Returns the GPT, ready for inference; raises InvalidInputError when the weights do not fit.

    The large matrices of its blocks stay mapped from the file at `path`: the decoder keeps copies
    of its own, in its precision, so that here they need take no memory.
    """
    if block_count(weights) != arguments.gpt_layers:
        raise corrupt(path, f"it has not the {arguments.gpt_layers} layers that config.json says")
    with refusing(path), torch.device("meta"):
        gpt = GPT(
            layers=arguments.gpt_layers,
            model_dim=arguments.gpt_n_model_channels,
            start_text_token=tokenizer.start_token,
            stop_text_token=tokenizer.stop_token,
            heads=arguments.gpt_n_heads,
            max_text_tokens=arguments.gpt_max_text_tokens,
            max_mel_tokens=arguments.gpt_max_audio_tokens,
            max_prompt_tokens=arguments.gpt_max_prompt_tokens,
            number_text_tokens=tokenizer.token_count,
            num_audio_tokens=arguments.gpt_num_audio_tokens,
            start_audio_token=arguments.gpt_start_audio_token,
            stop_audio_token=arguments.gpt_stop_audio_token,
            use_perceiver_resampler=arguments.gpt_use_perceiver_resampler,
            code_stride_len=arguments.gpt_code_stride_len,
        )
    load_weights(gpt, weights, path, stays_mapped=_is_matrix_of_a_block)
    init_stream_support()
    gpt.init_gpt_for_inference(kv_cache=arguments.kv_cache)
    return gpt.eval()


def make_vocoder(arguments: XttsArgs, weights: dict[str, Tensor], path: Path) -> HifiDecoder:
    """Returns the vocoder with its speaker encoder; raises InvalidInputError as `make_gpt` does.

    How wide it is, no config says; the shape of its first weights does.
    """
    if _VOCODER_INPUT not in weights:
        raise corrupt(path, "it holds no vocoder")
    with refusing(path):
        vocoder = HifiDecoder(
            input_sample_rate=arguments.input_sample_rate,
            output_sample_rate=arguments.output_sample_rate,
            output_hop_length=arguments.output_hop_length,
            ar_mel_length_compression=arguments.gpt_code_stride_len,
            decoder_input_dim=arguments.decoder_input_dim,
            upsample_initial_channel_decoder=weights[_VOCODER_INPUT].shape[0],
            d_vector_dim=arguments.d_vector_dim,
            cond_d_vector_in_each_upsampling_layer=arguments.cond_d_vector_in_each_upsampling_layer,
        )
    load_weights(vocoder, weights, path)
    return vocoder.eval()


def _is_matrix_of_a_block(name: str) -> bool:
    return name.startswith("gpt.h.") and name.endswith(
        ("c_attn.weight", "c_proj.weight", "c_fc.weight")
    )
