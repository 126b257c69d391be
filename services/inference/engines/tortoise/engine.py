"""Tortoise behind the protocol of all engines."""

import asyncio
import math
from collections.abc import Callable, Sequence

import torch

from services.chassis.errors import CancelledByUserError, InvalidInputError
from services.inference.engines.engine import (
    EngineKind,
    FinishReason,
    ReferenceAudio,
    Samples,
    Utterance,
)
from services.inference.engines.seeds import noise_seed
from services.inference.engines.speakers import unknown_speaker
from services.inference.engines.streams import EngineStream
from services.inference.engines.tortoise.conditioning import TortoiseConditioning, condition
from services.inference.engines.tortoise.draws import OwnDraws
from services.inference.engines.tortoise.loading import LoadedTortoise
from services.inference.engines.turns import Speech, Turns

MAX_CHARACTERS = 200
"""What Tortoise was made to speak at once; its 23 seconds would not hold twice as much."""
MAX_TOKENS = 500
"""Of audio, as coqui-tts has it."""
TOKENS_PER_SECOND = 22_050 / 1024
_MAX_TEXT_TOKENS = 399


class TortoiseEngine:
    """A loaded Tortoise: one utterance at a time, and no audio before it is whole."""

    kind = EngineKind.TORTOISE
    sample_rate_hertz = 24_000
    language_codes = frozenset({"en"})
    can_clone = True
    slot_count = 1
    precision = "fp32"

    def __init__(self, loaded: LoadedTortoise) -> None:
        """Starts the thread that speaks."""
        model = loaded.model
        self.device = str(model.device)
        self.memory_bytes = sum(weight.nbytes for weight in model.parameters())
        self._loaded = loaded
        self._model = model
        self._turns = Turns(self.slot_count, "tortoise")

    def max_characters(self, language_code: str) -> int:  # noqa: ARG002 - as the protocol has it
        """Returns how long the text of an utterance may be."""
        return MAX_CHARACTERS

    async def condition(self, references: Sequence[ReferenceAudio]) -> TortoiseConditioning:
        """Clones a voice from the first seconds of each reference."""
        return await asyncio.to_thread(condition, self._loaded, references)

    def conditioning(self, content: bytes) -> TortoiseConditioning:
        """Returns what `to_bytes` gave. Raises InvalidInputError for anything else."""
        found = TortoiseConditioning.from_bytes(content)
        channels = self._model.args.ar_model_dim
        shapes = (found.autoregressive.shape, found.diffusion.shape)
        if shapes != ((1, channels), (1, 2 * self._model.args.diff_model_channels)):
            raise InvalidInputError(
                "Another model heard this voice: clone it again from its references.",
                reason="INVALID_CONDITIONING",
                field="voice",
            )
        return found

    def speaker(self, name: str) -> TortoiseConditioning:
        """Raises InvalidInputError: the model brings no voice along."""
        raise unknown_speaker(name)

    def open(self, utterance: Utterance) -> EngineStream:
        """Queues an utterance until those before it are spoken.

        Raises InvalidInputError when it is not English, too long, without a voice of this engine,
        or to be spoken at another speed.
        """
        _check(utterance)
        opened: list[EngineStream] = []

        def stop_if_cancelled() -> None:
            if opened and opened[0].is_cancelled:
                raise CancelledByUserError("Nobody listens any more.")

        stream = self._turns.open(
            lambda: self._speak(utterance, stop_if_cancelled), utterance.priority
        )
        opened.append(stream)
        return stream

    async def aclose(self) -> None:
        """Ends the thread; open streams raise UnavailableError."""
        await self._turns.aclose()

    def _speak(self, utterance: Utterance, stop_if_cancelled: Callable[[], None]) -> Speech:
        tokens = len(self._model.tokenizer.encode(utterance.text))
        if tokens >= _MAX_TEXT_TOKENS:
            raise InvalidInputError(
                "A sentence is longer than this model can read: split it.",
                reason="TEXT_TOO_LONG",
                field="text",
            )
        limit = max(1, min(MAX_TOKENS, math.ceil(utterance.max_seconds * TOKENS_PER_SECOND)))
        seed = noise_seed(utterance.sampling.seed, utterance.sentence_index)
        with OwnDraws(seed, stop_if_cancelled):
            samples = self._samples(utterance, seed, limit)
        whole = len(samples) < _samples_of(limit)
        return Speech(iter([samples]), FinishReason.COMPLETE if whole else FinishReason.MAX_LENGTH)

    def _samples(self, utterance: Utterance, seed: int, limit: int) -> Samples:
        voice, config = utterance.conditioning, self._model.config
        assert isinstance(voice, TortoiseConditioning)  # noqa: S101 - `open` made sure
        made = self._model.inference_with_config(
            utterance.text,
            conditioning_latents=(voice.autoregressive, voice.diffusion),
            use_deterministic_seed=seed,
            num_autoregressive_samples=config.num_autoregressive_samples,
            diffusion_iterations=config.diffusion_iterations,
            temperature=utterance.sampling.temperature,
            top_k=utterance.sampling.top_k,
            top_p=utterance.sampling.top_p,
            repetition_penalty=utterance.sampling.repetition_penalty,
            max_mel_tokens=limit,
            half=self._model.device.type == "cuda",
            verbose=False,
        )
        samples: Samples = made["wav"].flatten().to(torch.float32).cpu().numpy()
        return samples


def _samples_of(token_count: int) -> int:
    """Returns how many samples so many tokens become: 4 frames of 256 each, from 22 to 24 kHz."""
    return token_count * 4 * 24_000 // 22_050 * 256


def _check(utterance: Utterance) -> None:
    if utterance.language_code not in TortoiseEngine.language_codes:
        raise InvalidInputError(
            f"Tortoise speaks English, not {utterance.language_code!r}: choose another model.",
            reason="UNSUPPORTED_LANGUAGE",
            field="language_code",
        )
    if len(utterance.text) > MAX_CHARACTERS:
        raise InvalidInputError(
            f"A sentence may have {MAX_CHARACTERS} characters: split the text.",
            reason="TEXT_TOO_LONG",
            field="text",
        )
    if not isinstance(utterance.conditioning, TortoiseConditioning):
        raise InvalidInputError(
            "Tortoise has no voice of its own: name one that was cloned with it.",
            reason="VOICE_NEEDED",
            field="voice",
        )
    if utterance.speed != 1.0:
        raise InvalidInputError(
            "Tortoise cannot speak faster or slower: ask for speed 1, or for another model.",
            reason="UNSUPPORTED_SPEED",
            field="speed",
        )
