"""The voices that models bring along, and which models can clone others."""

import time
from collections.abc import Callable, Sequence

from services.chassis.errors import InvalidInputError
from services.inference.pool.loaded_model import Models
from services.inference.voices.voice import BuiltInVoice

FRESH_SECONDS = 10.0


class ModelVoices:
    """Looks at the models, at most every few seconds: each speech asks for its voice."""

    def __init__(self, models: Models, clock: Callable[[], float] = time.monotonic) -> None:
        """Looks at nothing yet."""
        self._models = models
        self._clock = clock
        self._voices: Sequence[BuiltInVoice] = ()
        self._stale_at = 0.0

    async def built_in(self) -> Sequence[BuiltInVoice]:
        """Returns the voices of the models that have one of their own, ordered by name."""
        if self._clock() >= self._stale_at:
            found = {each.name: each for each in await self._models.list() if not each.can_clone}
            self._voices = [
                BuiltInVoice(each.name, min(each.language_codes, default=""))
                for each in found.values()
            ]
            self._stale_at = self._clock() + FRESH_SECONDS
        return self._voices

    async def check_cloning(self, model: str) -> None:
        """Raises NotFoundError, and InvalidInputError for a model that cannot clone."""
        if not (await self._models.find(model)).can_clone:
            message = f"The model {model!r} cannot clone: name one that can, see ListModels."
            raise InvalidInputError(message, reason="MODEL_CANNOT_CLONE", field="model")
