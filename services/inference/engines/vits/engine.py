"""VITS behind the protocol of all engines."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from services.chassis.errors import InvalidInputError
from services.inference.engines.engine import (
    Conditioning,
    EngineKind,
    FinishReason,
    ReferenceAudio,
    Utterance,
)
from services.inference.engines.seeds import noise_seed
from services.inference.engines.speakers import unknown_speaker
from services.inference.engines.streams import EngineStream
from services.inference.engines.turns import Speech, Turns
from services.inference.engines.vits.latents import SentenceRequest, latents_of
from services.inference.engines.vits.model import VitsModel
from services.inference.engines.vits.windows import piece_frames, pieces_of

MAX_CHARACTERS = 250
"""A sentence is computed as a whole before its first audio; this long a one takes 0.4 s."""
SLOT_COUNT = 4


@dataclass(frozen=True, slots=True)
class VitsSpeaker:
    """One of the speakers that a model was trained with."""

    name: str

    def to_bytes(self) -> bytes:
        """Returns it as safetensors: its name."""
        return save({"speaker": np.frombuffer(self.name.encode(), dtype=np.uint8)})


class VitsEngine:
    """A loaded VITS model."""

    kind = EngineKind.VITS
    can_clone = False
    precision = "fp32"

    def __init__(self, model: VitsModel, *, slot_count: int = SLOT_COUNT) -> None:
        """Starts the thread that speaks, for up to `slot_count` utterances in turn."""
        self.slot_count = slot_count
        self.sample_rate_hertz = model.sample_rate_hertz
        self.language_codes = frozenset(model.languages)
        self.device = str(model.device)
        self.memory_bytes = model.memory_bytes
        self._model = model
        self._turns = Turns(slot_count, "vits")

    @property
    def speakers(self) -> tuple[str, ...]:
        """Who it can speak as; nobody is named in a model of one voice."""
        return tuple(self._model.speakers)

    def speaker(self, name: str) -> VitsSpeaker:
        """Returns one of `speakers`, for `Utterance.conditioning`."""
        if name not in self._model.speakers:
            raise unknown_speaker(name)
        return VitsSpeaker(name)

    def max_characters(self, language_code: str) -> int:  # noqa: ARG002
        """Returns how long the text of an utterance may be."""
        return MAX_CHARACTERS

    async def condition(self, references: Sequence[ReferenceAudio]) -> Conditioning:  # noqa: ARG002
        """Raises InvalidInputError: VITS speaks with the voices it was trained with."""
        raise InvalidInputError(
            "This model cannot clone a voice: choose an XTTS model.", reason="CANNOT_CLONE"
        )

    def conditioning(self, content: bytes) -> VitsSpeaker:
        """Returns what `VitsSpeaker.to_bytes` gave. Raises InvalidInputError for anything else."""
        try:
            return self.speaker(load(content)["speaker"].tobytes().decode())
        except (SafetensorError, KeyError, UnicodeDecodeError) as error:
            raise InvalidInputError("This is no speaker of a VITS model.") from error

    def open(self, utterance: Utterance) -> EngineStream:
        """Begins an utterance, or queues it until a slot is free.

        Raises InvalidInputError when it is in no language of the model, too long, or to be spoken
        by nobody that the model knows.
        """
        if utterance.language_code not in self.language_codes:
            raise InvalidInputError(
                f"The model does not speak {utterance.language_code!r}, only: "
                f"{', '.join(sorted(self.language_codes))}.",
                reason="UNSUPPORTED_LANGUAGE", field="language_code",
            )  # fmt: skip
        if len(utterance.text) > MAX_CHARACTERS:
            raise InvalidInputError(
                f"A sentence may have {MAX_CHARACTERS} characters: split the text.", field="text"
            )
        speaker = self._speaker_name(utterance.conditioning)
        return self._turns.open(lambda: self._begin(utterance, speaker), utterance.priority)

    async def aclose(self) -> None:
        """Ends the thread; open streams raise UnavailableError."""
        await self._turns.aclose()

    def _speaker_name(self, conditioning: Conditioning | None) -> str | None:
        if conditioning is None:
            return next(iter(self._model.speakers), None)
        if not isinstance(conditioning, VitsSpeaker):
            raise InvalidInputError("This voice belongs to another model.", field="voice_id")
        return self.speaker(conditioning.name).name

    def _begin(self, utterance: Utterance, speaker_name: str | None) -> Speech:
        model = self._model
        language = model.languages[utterance.language_code]
        speaker = None if speaker_name is None else model.speakers[speaker_name]
        latents = latents_of(
            SentenceRequest(
                tokens=model.tokenize(utterance.text, language),
                language=language,
                speaker=speaker,
                noise_seed=noise_seed(utterance.sampling.seed, utterance.sentence_index),
                speed=utterance.speed,
                max_seconds=utterance.max_seconds,
            ),
            model,
        )
        frames_per_second = model.sample_rate_hertz / model.decoder.frame_samples
        return Speech(
            pieces=pieces_of(
                latents.frames, model.decoder, model.voice(speaker), piece_frames(frames_per_second)
            ),
            finish_reason=FinishReason.COMPLETE if latents.is_whole else FinishReason.MAX_LENGTH,
        )
