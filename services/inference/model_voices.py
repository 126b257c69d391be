"""The voices that models bring along, and which models can clone others."""

import time
from collections.abc import Callable, Sequence

import structlog

from services.chassis.errors import (
    ConflictError,
    InvalidInputError,
    OverloadedError,
    UnavailableError,
)
from services.inference.built_in_voices import built_in_voices
from services.inference.catalogue.description import ModelDescription
from services.inference.engines.engine import EngineKind
from services.inference.pool.loaded_model import Models
from services.inference.voices.voice import BuiltInVoice

FRESH_SECONDS = 10.0

log = structlog.get_logger()


class ModelVoices:
    """Looks at the models, at most every few seconds: each speech asks for its voice."""

    def __init__(
        self,
        models: Models,
        preferred_cloning_model: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Looks at nothing yet."""
        self._models = models
        self._preferred = preferred_cloning_model
        self._clock = clock
        self._voices: Sequence[BuiltInVoice] = ()
        self._stale_at = 0.0

    async def built_in(self) -> Sequence[BuiltInVoice]:
        """Returns the voices that models bring along, ordered by the names of the models.

        Those known before while the store of models does not answer: what is loaded speaks on.
        Raises UnavailableError when none are known.
        """
        if self._clock() < self._stale_at:
            return self._voices
        if self._voices:
            self._stale_at = self._clock() + FRESH_SECONDS  # others need not wait for this look
        try:
            self._voices = built_in_voices(await self._newest())
        except (UnavailableError, OverloadedError) as error:
            if not self._voices:
                raise
            log.warning("voices.not_looked_up", reason=error.reason)
        self._stale_at = self._clock() + FRESH_SECONDS
        return self._voices

    async def cloning_model(self, asked: str) -> str:
        """Returns the model that is to speak with a clone: the one asked for, or our own choice.

        Ours is the preferred one where it may be used, or else another that clones, XTTS before
        Tortoise. Raises NotFoundError, InvalidInputError for a model that cannot clone, and
        ConflictError for one whose licence nobody accepted.
        """
        if not asked:
            return await self._own_choice()
        model = await self._models.find(asked)
        if not model.can_clone:
            message = f"The model {asked!r} cannot clone: name one that can, see ListModels."
            raise InvalidInputError(message, reason="MODEL_CANNOT_CLONE", field="model")
        await self._models.require_licence(model)
        return model.name

    async def _newest(self) -> Sequence[ModelDescription]:
        """Returns the newest version of each model that can be told what it is."""
        found: dict[str, ModelDescription] = {}
        for model in await self._models.list():
            is_alone = model.name not in found
            found[model.name] = model if is_alone else await self._models.find(model.name)
        return list(found.values())

    async def _own_choice(self) -> str:
        preferred = await self._models.find(self._preferred)
        others = [each for each in await self._models.list() if each.can_clone]
        others.sort(key=lambda each: each.kind is not EngineKind.XTTS)
        refusal = await self._refusal(preferred)
        if refusal is None:
            return preferred.name
        for model in others:
            if await self._refusal(model) is None:
                return model.name
        raise refusal

    async def _refusal(self, model: ModelDescription) -> ConflictError | None:
        try:
            await self._models.require_licence(model)
        except ConflictError as refusal:
            return refusal
        return None
