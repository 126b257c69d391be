"""What is asked about a doubtful clip: another decoding, and which language it is in."""

from collections.abc import Mapping

from services.chassis.errors import ConflictError
from services.transcription.cuts import pieces
from services.transcription.languages import checked_code
from services.transcription.recognisers import Recognisers
from services.transcription.recognition import MAX_CUT_SECONDS, Decoding, Samples

SECOND_DECODING = Decoding(beam_size=1)
"""Greedy and sequential, with timestamps: it errs elsewhere than the first one."""


class SecondOpinion:
    """Decodes single clips; loads a model only when it is asked something."""

    def __init__(
        self, recognisers: Recognisers, model: str, language_model: str, language: str
    ) -> None:
        """Decodes with `model` in `language`; `language_model` tells languages apart."""
        self._recognisers = recognisers
        self._model = model
        self._language_model = language_model
        self._language = language

    async def text(self, clip: Samples) -> str:
        """Returns what the second decoding hears."""
        recogniser = await self._recognisers.get(self._model)
        language = checked_code(self._language, recogniser.languages, model=self._model)
        texts = [
            (await recogniser.recognise_alone(samples, language, SECOND_DECODING)).text
            for _, samples in pieces(clip, MAX_CUT_SECONDS)
        ]
        return " ".join(texts)

    async def languages(self, clip: Samples) -> Mapping[str, float]:
        """Returns the probability of each language; nothing when no installed model can tell."""
        try:
            recogniser = await self._recognisers.get(self._language_model, installed_only=True)
        except ConflictError:
            return {}
        heard = [samples for _, samples in pieces(clip, MAX_CUT_SECONDS)]
        probabilities = await recogniser.languages_of(heard[:1])
        return probabilities[0] if probabilities else {}
