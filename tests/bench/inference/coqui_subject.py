"""coqui-tts's own streaming, measured."""

import time
from pathlib import Path

import torch
from TTS.tts.configs.xtts_config import XttsConfig
from TTS.tts.models.xtts import Xtts

from services.inference.engines.engine import Sampling
from tests.bench.inference.costs import (
    TEXTS,
    TOKEN_SECONDS,
    Cost,
    Costs,
    Listener,
    Stopwatch,
    note_memory,
)
from tests.xtts_engines import a_voice

SAMPLE_RATE_HERTZ = 24_000


def measure(folder: Path, seconds: list[int], thread_count: int) -> Costs:
    """Loads the model as coqui-tts does and lets it speak, one utterance after the other."""
    torch.set_num_threads(thread_count)
    costs, started = Costs(), time.perf_counter()
    config = XttsConfig()
    config.load_json(folder / "config.json")
    model = Xtts.init_from_config(config)
    model.load_checkpoint(config, checkpoint_dir=str(folder), eval=True)
    costs.load_seconds = time.perf_counter() - started
    note_memory(costs)
    _speak(model, TEXTS[6], 1)
    for length in seconds:
        costs.alone[str(length)] = _speak(model, TEXTS[length], length)
    return costs


def _speak(model: Xtts, text: str, seconds: int) -> Cost:
    voice = a_voice(channel_count=model.gpt.model_dim)
    sampling = Sampling()
    listener = Listener(Stopwatch())
    torch.manual_seed(sampling.seed)
    with torch.inference_mode():
        for samples in model.inference_stream(
            text,
            "en",
            voice.gpt_latents[None],
            voice.speaker_embedding[None],
            temperature=sampling.temperature,
            top_k=sampling.top_k,
            top_p=sampling.top_p,
            repetition_penalty=sampling.repetition_penalty,
            max_new_tokens=int(seconds / TOKEN_SECONDS),
        ):
            listener.hear(len(samples) / SAMPLE_RATE_HERTZ)
    return listener.cost()
