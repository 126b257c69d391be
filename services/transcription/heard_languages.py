"""Which languages the clips of a recording are in, asked only where there is a doubt."""

from collections.abc import Awaitable, Callable, Mapping

from services.transcription.languages import language_of_clip, most_probable
from services.transcription.recognition import Samples

Ask = Callable[[Samples], Awaitable[Mapping[str, float]]]
"""Returns the probability of each language of a clip."""


class HeardLanguages:
    """Listens to doubtful clips; when they sound foreign, to all of them."""

    def __init__(self, ask: Ask, wanted: str, min_probability: float) -> None:
        """Looks for languages other than `wanted`, a code."""
        self._ask = ask
        self._wanted = wanted
        self._min_probability = min_probability
        self._heard = dict[str, Mapping[str, float]]()

    async def listen(self, clip_id: str, samples: Samples) -> None:
        """Takes a doubtful clip into account."""
        if clip_id not in self._heard:
            self._heard[clip_id] = await self._ask(samples)

    @property
    def of_recording(self) -> tuple[str, float]:
        """What the clips heard so far are in, taken together, and how probable that is."""
        return most_probable(self._heard.values())

    @property
    def sounds_foreign(self) -> bool:
        """True when that is surely not the language that is wanted."""
        language, probability = self.of_recording
        return language not in {"", self._wanted} and probability >= self._min_probability

    async def of_clip(self, clip_id: str, samples: Samples) -> tuple[str, float]:
        """Returns what one clip is in and how probable that is; ("", 0.0) where nobody asked."""
        if not self.sounds_foreign:
            return most_probable([self._heard.get(clip_id, {})])
        of_recording = self.of_recording
        await self.listen(clip_id, samples)
        return language_of_clip(self._heard[clip_id], of_recording, self._min_probability)
