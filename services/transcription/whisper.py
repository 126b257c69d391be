"""The recogniser: Whisper through faster-whisper and CTranslate2, decoded in batches of cuts."""

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from ctranslate2 import StorageView
from ctranslate2.models import WhisperGenerationResult
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens, merge_punctuations

from services.transcription.mel_filters import MelFilters
from services.transcription.recognition import (
    SAMPLE_RATE_HERTZ,
    Decoding,
    Recogniser,
    RecogniserDescription,
    Recognition,
    Samples,
    Segment,
    Word,
)
from services.transcription.word_times import trimmed

FRAMES_PER_SECOND = 100
FULL_WINDOW_FRAMES = 30 * FRAMES_PER_SECOND
SHORT_WINDOW_FRAMES = 20 * FRAMES_PER_SECOND
SHORT_CUT_SECONDS = 16.0
"""Cuts up to this length are decoded in the short window: half the cost, the same error rate."""
MAX_TEXT_TOKENS = 224
"""Half of Whisper's context, as in OpenAI's `DecodingOptions.sample_len`."""
OPENING_PUNCTUATION = "\"'“¿([{-"
CLOSING_PUNCTUATION = "\"'.。,，!！?？:：”)]}、"  # noqa: RUF001 - full width, too


class WhisperRecogniser(Recogniser):
    """A loaded Whisper model in CTranslate2's format."""

    def __init__(
        self, folder: Path, description: RecogniserDescription, *, cpu_thread_count: int
    ) -> None:
        """Loads the model in `folder`, which must hold its tokenizer.json."""
        self._description = description
        self._model = WhisperModel(
            str(folder),
            device=description.device,
            compute_type=description.compute_type,
            cpu_threads=cpu_thread_count,
            local_files_only=True,
        )
        features = self._model.feature_extractor
        features.mel_filters = MelFilters(features.mel_filters)

    @property
    def description(self) -> RecogniserDescription:
        """See Recogniser."""
        return self._description

    @property
    def languages(self) -> frozenset[str]:
        """See Recogniser."""
        return frozenset(self._model.supported_languages)

    def recognise(
        self, cuts: Sequence[Samples], language: str, decoding: Decoding
    ) -> list[Recognition]:
        """See Recogniser."""
        # The window depends on the cut alone, so that the result does not depend on the batch.
        found: list[Recognition] = []
        for frames, group in groupby(cuts, key=_window_frames):
            found += self._recognise(list(group), frames, language, decoding)
        return found

    def recognise_alone(self, cut: Samples, language: str, decoding: Decoding) -> Recognition:
        """See Recogniser."""
        # Only temperature 0: sampling would give another text on every run.
        segments, _ = self._model.transcribe(
            cut,
            language=language,
            beam_size=decoding.beam_size,
            hotwords=decoding.vocabulary_hint or None,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        duration = len(cut) / SAMPLE_RATE_HERTZ
        found = [
            Segment(
                start_seconds=float(segment.start),
                end_seconds=min(float(segment.end), duration),
                text=segment.text.strip(),
                confidence=math.exp(min(segment.avg_logprob, 0.0)),
                no_speech_probability=float(segment.no_speech_prob),
                words=trimmed(
                    [
                        Word(w.word.strip(), float(w.start), float(w.end), float(w.probability))
                        for w in segment.words or []
                    ],
                    duration,
                ),
            )
            for segment in segments
        ]
        return Recognition(tuple(found), {})

    def languages_of(self, cuts: Sequence[Samples]) -> list[Mapping[str, float]]:
        """See Recogniser."""
        if not self._model.model.is_multilingual or not cuts:
            return [{} for _ in cuts]
        return self._languages(self._encoded(cuts, FULL_WINDOW_FRAMES))

    def _recognise(
        self, cuts: Sequence[Samples], frames: int, language: str, decoding: Decoding
    ) -> list[Recognition]:
        tokenizer = self._tokenizer(language)
        encoded = self._encoded(cuts, frames)
        results = self._generated(encoded, len(cuts), tokenizer, decoding)
        tokens = [
            [token for token in result.sequences_ids[0] if token < tokenizer.eot]
            for result in results
        ]
        words = self._words(encoded, cuts, tokens, tokenizer)
        languages: Sequence[Mapping[str, float]] = [{} for _ in cuts]
        if self._model.model.is_multilingual:
            languages = self._languages(encoded)
        return [
            Recognition((_segment(tokenizer.decode(t).strip(), result, w),) if t else (), of_cut)
            for t, result, w, of_cut in zip(tokens, results, words, languages, strict=True)
        ]

    def _tokenizer(self, language: str) -> Tokenizer:
        return Tokenizer(
            self._model.hf_tokenizer,
            self._model.model.is_multilingual,
            task="transcribe",
            language=language,
        )

    def _encoded(self, cuts: Sequence[Samples], frames: int) -> StorageView:
        features = [self._model.feature_extractor(cut)[..., :-1] for cut in cuts]
        return self._model.encode(np.stack([pad_or_trim(each, frames) for each in features]))

    def _languages(self, encoded: StorageView) -> list[Mapping[str, float]]:
        found = self._model.model.detect_language(encoded)
        return [{token[2:-2]: float(p) for token, p in of_cut} for of_cut in found]

    def _generated(
        self, encoded: StorageView, count: int, tokenizer: Tokenizer, decoding: Decoding
    ) -> list[WhisperGenerationResult]:
        prompt = self._model.get_prompt(
            tokenizer, [], without_timestamps=True, hotwords=decoding.vocabulary_hint or None
        )
        generated: list[WhisperGenerationResult] = self._model.model.generate(
            encoded,
            [prompt] * count,
            beam_size=decoding.beam_size,
            max_length=min(len(prompt) + MAX_TEXT_TOKENS, self._model.max_length),
            suppress_blank=True,
            suppress_tokens=list(get_suppressed_tokens(tokenizer, [-1]) or ()),
            return_scores=True,
            return_no_speech_prob=True,
        )
        return generated

    def _words(
        self,
        encoded: StorageView,
        cuts: Sequence[Samples],
        tokens: list[list[int]],
        tokenizer: Tokenizer,
    ) -> list[tuple[Word, ...]]:
        frames = [len(cut) * FRAMES_PER_SECOND // SAMPLE_RATE_HERTZ for cut in cuts]
        found = []
        alignments = self._model.find_alignment(tokenizer, tokens, encoded, frames)
        for cut, alignment in zip(cuts, alignments, strict=True):
            merge_punctuations(alignment, OPENING_PUNCTUATION, CLOSING_PUNCTUATION)
            words = [
                Word(text, float(w["start"]), float(w["end"]), float(w["probability"]))
                for w in alignment
                if (text := w["word"].strip())
            ]
            found.append(trimmed(words, len(cut) / SAMPLE_RATE_HERTZ))
        return found


def _window_frames(cut: Samples) -> int:
    short = len(cut) <= SHORT_CUT_SECONDS * SAMPLE_RATE_HERTZ
    return SHORT_WINDOW_FRAMES if short else FULL_WINDOW_FRAMES


def _segment(text: str, result: WhisperGenerationResult, words: tuple[Word, ...]) -> Segment:
    count = len(result.sequences_ids[0])
    # The score is the mean over the tokens; the end of the text is one token more.
    mean_log_probability = result.scores[0] * count / (count + 1)
    return Segment(
        start_seconds=words[0].start_seconds if words else 0.0,
        end_seconds=words[-1].end_seconds if words else 0.0,
        text=text,
        confidence=math.exp(min(mean_log_probability, 0.0)),
        no_speech_probability=float(result.no_speech_prob),
        words=words,
    )
