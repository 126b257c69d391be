"""XTTS GPTs with random weights whose tokens differ from each other, and coqui's own decoding."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from TTS.tts.layers.xtts.gpt import GPT
from TTS.tts.layers.xtts.stream_generator import init_stream_support

FULL_SIZE: dict[str, Any] = {
    "layers": 30,
    "model_dim": 1024,
    "heads": 16,
    "max_text_tokens": 402,
    "max_mel_tokens": 605,
    "number_text_tokens": 6681,
    "num_audio_tokens": 1026,
    "start_audio_token": 1024,
    "stop_audio_token": 1025,
}
"""The sizes of XTTS v2."""

TINY: dict[str, Any] = {
    "layers": 3,
    "model_dim": 128,
    "heads": 4,
    "max_text_tokens": 130,
    "max_mel_tokens": 83,
    "number_text_tokens": 300,
    "num_audio_tokens": 258,
    "start_audio_token": 256,
    "stop_audio_token": 257,
}


def random_gpt(sizes: dict[str, Any], *, seed: int = 0, stop_bias: float = -1e9) -> GPT:
    """Builds a GPT; a low `stop_bias` lets it speak on until the limit."""
    torch.manual_seed(seed)
    gpt = GPT(
        **sizes,
        start_text_token=261,
        stop_text_token=0,
        use_perceiver_resampler=True,
        code_stride_len=1024,
    )
    gpt.requires_grad_(requires_grad=False)
    with torch.no_grad():
        gpt.mel_head.bias[gpt.stop_audio_token] += stop_bias
        # With the initial weights the text hardly matters, and all prompts sound alike. Much more
        # than this makes attention so sharp that float32 itself is uncertain in the fifth digit.
        gpt.text_embedding.weight.normal_(0, 0.5)
        gpt.mel_embedding.weight.normal_(0, 0.1)
        gpt.mel_head.weight.mul_(4)
        for block in gpt.gpt.h:
            block.attn.c_proj.weight.mul_(4)
            block.mlp.c_fc.bias.normal_(0, 0.1)
    gpt.eval()
    init_stream_support()
    gpt.init_gpt_for_inference()
    return gpt


def coqui_tokens(
    gpt: GPT, conditioning: Tensor, text_tokens: Sequence[int], count: int, **sampling: float
) -> tuple[list[int], Tensor]:
    """Returns the first tokens and latents, (tokens, width), of coqui's own streaming."""
    settings = {"top_k": 1, "top_p": 0.85, "temperature": 0.75, "repetition_penalty": 10.0}
    tokens: list[int] = []
    latents: list[Tensor] = []
    with torch.inference_mode():
        stream = gpt.get_generator(
            fake_inputs=gpt.compute_embeddings(conditioning[None], torch.tensor([text_tokens])),
            do_sample=True,
            num_beams=1,
            num_return_sequences=1,
            length_penalty=1.0,
            output_attentions=False,
            output_hidden_states=True,
            return_dict_in_generate=True,
            **(settings | sampling),
        )
        for token, latent in stream:
            tokens.append(int(token))
            latents.append(latent[0])
            if len(tokens) == count:
                break
    return tokens, torch.stack(latents)
