"""Decodes the cuts of one recording in batches, and sees to it that nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from services.speech.regions import Region
from services.transcription.completeness import better, is_doubtful
from services.transcription.cuts import Cut, pieces
from services.transcription.languages import most_probable
from services.transcription.listening import read
from services.transcription.recognisers import SharedRecogniser
from services.transcription.recognition import (
    MAX_CUT_SECONDS,
    Decoding,
    Recognition,
    Samples,
    SpeechDetector,
)

LANGUAGE_CUTS = 10
"""Detecting the language looks at so many cuts, spread over the recording."""


@dataclass(frozen=True, slots=True)
class Decoder:
    """How one recording is decoded."""

    recogniser: SharedRecogniser
    vad: SpeechDetector
    options: Decoding
    batch_size: int

    async def detected_language(self, path: Path, cuts: Sequence[Cut]) -> tuple[str, float]:
        """Returns the language spoken in most of the recording and its mean probability."""
        step = max(1, len(cuts) // LANGUAGE_CUTS)
        samples = [await _read(path, cut) for cut in cuts[::step][:LANGUAGE_CUTS]]
        heard = [pieces(each, MAX_CUT_SECONDS)[0][1] for each in samples]
        return most_probable(await self.recogniser.languages_of(heard))

    async def decoded(
        self, path: Path, cuts: Sequence[Cut], language: str
    ) -> AsyncIterator[tuple[Cut, Recognition]]:
        """Yields each cut with what is said in it; times count from the start of the audio."""
        for start in range(0, len(cuts), self.batch_size):
            batch = cuts[start : start + self.batch_size]
            samples = [await _read(path, cut) for cut in batch]
            for cut, recognition in zip(batch, await self._batch(samples, language), strict=True):
                yield cut, _shifted(recognition, cut.start_seconds)

    async def _batch(self, batch: Sequence[Samples], language: str) -> list[Recognition]:
        parts = [
            (index, offset, samples)
            for index, whole in enumerate(batch)
            for offset, samples in pieces(whole, MAX_CUT_SECONDS)
        ]
        speech = [await asyncio.to_thread(self.vad.regions, [part[2]]) for part in parts]
        voiced = [n for n, regions in enumerate(speech) if regions]
        # What is no speech is not decoded: a recogniser would make words up.
        heard = await self.recogniser.recognise(
            [parts[n][2] for n in voiced], language, self.options
        )
        found: list[list[Recognition]] = [[] for _ in batch]
        for n, recognition in zip(voiced, heard, strict=True):
            index, offset, samples = parts[n]
            whole = await self._whole(recognition, samples, speech[n], language)
            found[index].append(_shifted(whole, offset))
        return [_joined(each) for each in found]

    async def _whole(
        self, heard: Recognition, samples: Samples, speech: Sequence[Region], language: str
    ) -> Recognition:
        """Returns what was heard, decoded again on its own when something seems to be lost."""
        if not is_doubtful(heard, speech):
            return heard
        again = await self.recogniser.recognise_alone(samples, language, self.options)
        return replace(heard, segments=better(heard, again, speech).segments)


async def _read(path: Path, cut: Cut) -> Samples:
    return await asyncio.to_thread(read, path, cut.start_seconds, cut.end_seconds)


def _shifted(recognition: Recognition, seconds: float) -> Recognition:
    return replace(recognition, segments=tuple(s.shifted(seconds) for s in recognition.segments))


def _joined(parts: Sequence[Recognition]) -> Recognition:
    segments = tuple(segment for part in parts for segment in part.segments)
    languages: Mapping[str, float] = parts[0].language_probabilities if parts else {}
    return Recognition(segments, languages)
