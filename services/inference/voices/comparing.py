"""The use case CompareVoices: whether two voices are one speaker's."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from services.chassis.errors import InvalidInputError
from services.inference.voices.clip import Clip
from services.inference.voices.clip_intake import ClipIntake
from services.inference.voices.previewing import Speaker, sentence_in
from services.inference.voices.voice_book import VoiceBook

SAME_FROM = 0.65
DIFFERENT_BELOW = 0.5
"""CAM++ on 8 s of recorded prompts: 0.80 to 0.95 for one speaker, 0.15 to 0.37 for two of
different sex; single clips of others have up to 0.48 (services.audio_qc.settings)."""
MIN_SPEECH_SECONDS = 2.0
"""In less than this, similarities of one voice fall to 0.4."""
MAX_SPEECH_SECONDS = 30.0

Vector = NDArray[np.float32]


class Verdict(Enum):
    """What a similarity means."""

    SAME = "same"
    UNSURE = "unsure"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Sample:
    """Somebody's voice: one of the three is given."""

    voice_id: str = ""
    audio_uri: str = ""
    audio: bytes = b""


@dataclass(frozen=True, slots=True)
class Comparing:
    """Compares voices by their speaker embeddings."""

    book: VoiceBook
    intake: ClipIntake
    speaker: Speaker

    async def similarity(self, first: Sample, second: Sample) -> float:
        """Returns the cosine of two voices, -1 to 1.

        Raises NotFoundError, ConflictError for a voice whose consent was withdrawn, and
        InvalidInputError for audio with less than two seconds of speech.
        """
        one = await self._embedding(first, "first")
        other = await self._embedding(second, "second")
        return float(np.clip(one @ other, -1, 1))

    async def _embedding(self, sample: Sample, field: str) -> Vector:
        clips = await self._clips(sample, field)
        seconds = sum(clip.speech_seconds for clip in clips)
        if seconds < MIN_SPEECH_SECONDS:
            message = (
                f"The {field} sample holds {seconds:.1f} s of speech; at least "
                f"{MIN_SPEECH_SECONDS:g} s are needed to know a voice."
            )
            raise InvalidInputError(message, reason="TOO_SHORT", field=field)
        return await asyncio.to_thread(self._embedded, clips)

    async def _clips(self, sample: Sample, field: str) -> list[Clip]:
        if sample.audio_uri:
            return [await self.intake.of_uri(sample.audio_uri, f"{field}.audio_uri")]
        if sample.audio:
            return [await self.intake.of_bytes(sample.audio, field)]
        if not sample.voice_id:
            message = f"Say whose voice the {field} one is: a voice, a URI or audio."
            raise InvalidInputError(message, reason="SAMPLE_MISSING", field=field)
        voice = await self.book.speakable(sample.voice_id)
        if voice.is_built_in:
            said = await self.speaker.say(voice, sentence_in(voice.language_code))
            return [await self.intake.of_bytes(said, voice.voice_id)]
        return [await self.intake.of_uri(each.audio_uri, field) for each in voice.references]

    def _embedded(self, clips: Sequence[Clip]) -> Vector:
        speech = np.concatenate([clip.speech(MAX_SPEECH_SECONDS) for clip in clips])
        return self.intake.ears.embedder().embed(speech[: round(MAX_SPEECH_SECONDS * 16_000)])


def verdict_on(similarity: float) -> Verdict:
    """Returns what a similarity means."""
    if similarity >= SAME_FROM:
        return Verdict.SAME
    return Verdict.DIFFERENT if similarity < DIFFERENT_BELOW else Verdict.UNSURE
