"""coqui-tts's own XTTS, with the weights of a folder: what ours is compared with."""

from pathlib import Path

import torch
from TTS.tts.layers.xtts.tokenizer import VoiceBpeTokenizer
from TTS.tts.models.xtts import Xtts

from tests.models.tiny_xtts import TINY, XttsSize, random_xtts


def coqui_xtts(folder: Path, size: XttsSize = TINY) -> Xtts:
    """Returns coqui's model of a folder that `write_xtts` wrote with this size."""
    model = random_xtts(folder / "vocab.json", size)
    weights = torch.load(folder / "model.pth", weights_only=True)
    model.load_state_dict(weights["model"])
    model.tokenizer = VoiceBpeTokenizer(folder / "vocab.json")
    model.eval()
    return model
