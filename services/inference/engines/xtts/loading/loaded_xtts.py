"""An XTTS in memory, and how it gets there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from TTS.tts.configs.xtts_config import XttsConfig
from TTS.tts.layers.xtts.gpt import GPT
from TTS.tts.layers.xtts.hifigan_decoder import HifiDecoder

from services.chassis.errors import InvalidInputError
from services.inference.engines.checkpoints import corrupt, incomplete, refusing
from services.inference.engines.engine import ReferenceAudio
from services.inference.engines.speakers import unknown_speaker
from services.inference.engines.xtts.loading.architecture import make_gpt, make_vocoder
from services.inference.engines.xtts.loading.cloning import Listening, VoiceCloner
from services.inference.engines.xtts.loading.conditioning import XttsConditioning
from services.inference.engines.xtts.loading.languages import spoken_languages
from services.inference.engines.xtts.loading.speakers import read_speakers
from services.inference.engines.xtts.loading.tokenizer import XttsTokenizer
from services.inference.engines.xtts.loading.weights import read_weights

_MEL_BANDS = 80


@dataclass(frozen=True, slots=True)
class LoadedXtts:
    """coqui's modules with the weights of a checkpoint, ready for inference, and what they need."""

    config: XttsConfig
    gpt: GPT
    vocoder: HifiDecoder
    language_codes: frozenset[str]
    """As BCP 47."""
    tokenizer: XttsTokenizer
    cloner: VoiceCloner
    speakers: Mapping[str, XttsConditioning] = field(default_factory=dict)
    """The voices that the model brings along, by their names."""

    def tokenize(self, text: str, language_code: str) -> list[int]:
        """Returns the tokens of a sentence for the GPT, without the start and stop it adds.

        Raises InvalidInputError with the reason UNSUPPORTED_LANGUAGE or TEXT_TOO_LONG.
        """
        tokens = self.tokenizer.tokenize(text, language_code)
        if len(tokens) >= self.config.model_args.gpt_max_text_tokens:
            raise InvalidInputError(
                "A sentence is longer than this model can read: split it.",
                reason="TEXT_TOO_LONG",
                field="text",
            )
        return tokens

    def max_characters(self, language_code: str) -> int:
        """Returns how long a sentence may be for the model to keep its thread."""
        return self.tokenizer.max_characters(language_code)

    def condition(self, references: Sequence[ReferenceAudio]) -> XttsConditioning:
        """Clones a voice; see `VoiceCloner.condition`. Blocks for seconds."""
        return self.cloner.condition(references)

    def conditioning(self, content: bytes) -> XttsConditioning:
        """Returns what `XttsConditioning.to_bytes` gave, if a model of this size made it.

        Raises InvalidInputError with the reason INVALID_CONDITIONING.
        """
        found = XttsConditioning.from_bytes(content)
        if found.gpt_latents.shape[1] != self.gpt.model_dim:
            raise InvalidInputError(
                "Another model heard this voice: clone it again from its references.",
                reason="INVALID_CONDITIONING",
                field="voice",
            )
        return found

    def speaker(self, name: str) -> XttsConditioning:
        """Returns one of `speakers`.

        Raises InvalidInputError with the reason UNKNOWN_SPEAKER.
        """
        if name not in self.speakers:
            raise unknown_speaker(name)
        return self.speakers[name]


def load_xtts(folder: Path, device: torch.device) -> LoadedXtts:
    """Loads `config.json`, `model.pth`, `vocab.json` and, where it is there, `speakers_xtts.pth`.

    They are as coqui-tts writes them. Blocks.

    On the CPU most weights stay mapped from the file until an engine has copied them in the form
    it needs.

    Raises InvalidInputError with the reason MODEL_INCOMPLETE, CORRUPT_CHECKPOINT or
    UNSUPPORTED_MODEL.
    """
    config = _read_config(folder / "config.json")
    arguments = config.model_args
    tokenizer = XttsTokenizer(folder / "vocab.json")
    weights_path = folder / "model.pth"
    parts, mel_norms = read_weights(weights_path)
    gpt = make_gpt(arguments, tokenizer, parts["gpt"], weights_path).to(device)
    vocoder = make_vocoder(arguments, parts["hifigan_decoder"], weights_path).to(device)
    listening = Listening(
        config.max_ref_len, config.gpt_cond_len, config.gpt_cond_chunk_len, config.sound_norm_refs
    )
    mel_norms = torch.ones(_MEL_BANDS) if mel_norms is None else mel_norms
    if mel_norms.shape != (_MEL_BANDS,):
        raise corrupt(weights_path, f"its mel norms are not {_MEL_BANDS}")
    cloner = VoiceCloner(gpt, vocoder, mel_norms, listening)
    languages = spoken_languages(config.languages)
    latents_shape = (len(gpt.conditioning_perceiver.latents), arguments.gpt_n_model_channels)
    speakers = read_speakers(folder / "speakers_xtts.pth", latents_shape, arguments.d_vector_dim)
    return LoadedXtts(config, gpt, vocoder, languages, tokenizer, cloner, speakers)


def _read_config(path: Path) -> XttsConfig:
    if not path.is_file():
        raise incomplete(path)
    config = XttsConfig()
    with refusing(path):
        config.load_json(path)
    if config.model != "xtts" or not config.model_args.gpt_use_perceiver_resampler:
        raise InvalidInputError(
            f"The model {path.parent.name!r} is not an XTTS v2: its config.json says otherwise.",
            reason="UNSUPPORTED_MODEL",
            field="model",
        )
    return config
