"""XTTS behind the protocol of all engines."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from services.chassis.errors import InvalidInputError
from services.inference.engines.engine import (
    Conditioning,
    EngineKind,
    ReferenceAudio,
    Utterance,
)
from services.inference.engines.memory_shortage import free_caches
from services.inference.engines.streams import EngineStream
from services.inference.engines.xtts.gpt.decoder import SlotDecoder
from services.inference.engines.xtts.length_limit import length_limit
from services.inference.engines.xtts.loading.conditioning import XttsConditioning
from services.inference.engines.xtts.loading.loaded_xtts import LoadedXtts, load_xtts
from services.inference.engines.xtts.options import XttsOptions
from services.inference.engines.xtts.scheduler import Scheduler
from services.inference.engines.xtts.vocoder import Vocoder


class XttsEngine:
    """A loaded XTTS, which speaks with any voice."""

    kind = EngineKind.XTTS
    can_clone = True

    def __init__(self, model: LoadedXtts, options: XttsOptions) -> None:
        """Takes the model over and starts the threads that speak. Blocks for seconds.

        Weights move from coqui's modules into the decoder and the vocoder, so that they are never
        held twice; what hears voices stays. Raises InvalidInputError for options that the device
        cannot meet.
        """
        chosen = options.resolved()
        self.language_codes = model.language_codes
        self.slot_count = chosen.slot_count
        self.device = str(chosen.device)
        self.precision = chosen.precision.value
        self._model = model
        self._guard = options.guard
        self._cloning = asyncio.Lock()
        decoder = SlotDecoder(
            model.gpt,
            slot_count=chosen.slot_count,
            precision=chosen.precision,
            device=self.device,
            consume=True,
        )
        vocoder = Vocoder(model.vocoder, chosen.vocoder_dtype, chosen.device)
        vocoder.warm_up(options.schedule.token_counts)
        del model.vocoder.waveform_decoder
        self.sample_rate_hertz = vocoder.sample_rate_hertz
        self.memory_bytes = decoder.memory_bytes + vocoder.memory_bytes + _memory_bytes(model)
        self._max_tokens = decoder.max_tokens
        self._token_seconds = vocoder.token_seconds
        self._scheduler = Scheduler(
            decoder,
            vocoder,
            model.tokenize,
            schedule=options.schedule,
            voice_count=options.voice_count,
        )

    @classmethod
    def load(cls, folder: Path, options: XttsOptions | None = None) -> "XttsEngine":
        """Loads a folder of coqui-tts. Blocks; raises what `load_xtts` and this class raise."""
        options = options or XttsOptions()
        return cls(load_xtts(folder, options.resolved().device), options)

    @property
    def is_broken(self) -> bool:
        """True after a failure that only loading the model again can mend."""
        return self._scheduler.is_broken

    def max_characters(self, language_code: str) -> int:
        """Returns how long the text of an utterance may be."""
        return self._model.max_characters(language_code)

    async def condition(self, references: Sequence[ReferenceAudio]) -> XttsConditioning:
        """Clones a voice; one at a time, so that others go on speaking."""
        async with self._cloning:
            return await asyncio.to_thread(self._model.condition, references)

    def conditioning(self, content: bytes) -> XttsConditioning:
        """Returns what `XttsConditioning.to_bytes` gave. Raises InvalidInputError otherwise."""
        return self._model.conditioning(content)

    def speaker(self, name: str) -> XttsConditioning:
        """Returns one of the voices that the model brings along; InvalidInputError for others."""
        return self._model.speaker(name)

    def open(self, utterance: Utterance) -> EngineStream:
        """Begins an utterance, or queues it until a slot is free.

        Raises InvalidInputError when it is in no language of the model, too long, or has no voice,
        and UnavailableError when the engine was closed or is broken.
        """
        self._check(utterance)
        limit = length_limit(
            utterance.text,
            speed=utterance.speed,
            max_seconds=utterance.max_seconds,
            token_seconds=self._token_seconds,
            model_token_count=self._max_tokens,
            guard=self._guard,
        )
        return self._scheduler.open(utterance, _voice(utterance.conditioning), limit)

    async def aclose(self) -> None:
        """Ends the threads and frees the memory; open streams raise UnavailableError."""
        await self._scheduler.aclose()
        await asyncio.to_thread(free_caches)

    def _check(self, utterance: Utterance) -> None:
        if utterance.language_code not in self.language_codes:
            raise InvalidInputError(
                f"The model does not speak {utterance.language_code!r}, only: "
                f"{', '.join(sorted(self.language_codes))}.",
                reason="UNSUPPORTED_LANGUAGE",
                field="language_code",
            )
        limit = self.max_characters(utterance.language_code)
        if len(utterance.text) > limit:
            raise InvalidInputError(
                f"A sentence may have {limit} characters: split the text.",
                reason="TEXT_TOO_LONG",
                field="text",
            )


def _voice(conditioning: Conditioning | None) -> XttsConditioning:
    if not isinstance(conditioning, XttsConditioning):
        raise InvalidInputError(
            "This model needs a voice: name one that it brings along, or has cloned.",
            reason="VOICE_MISMATCH",
            field="voice_id",
        )
    return conditioning


def _memory_bytes(model: LoadedXtts) -> int:
    """Returns what is left in coqui's modules, what hears voices among it, and the voices."""
    modules = (model.gpt, model.vocoder)
    left: int = sum(part.nbytes for module in modules for part in module.parameters())
    return left + sum(voice.memory_bytes for voice in model.speakers.values())
