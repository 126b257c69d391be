"""Which licences of models somebody has accepted: asked for, never assumed."""

import json
from collections.abc import Callable
from datetime import datetime

from services.chassis.artifacts import ArtifactStore
from services.chassis.errors import ConflictError, NotFoundError
from services.inference.catalogue.description import ModelDescription

PREFIX = "licences/"


class Licences:
    """Keeps in the artifact store what was accepted and when, for all servers that share it."""

    def __init__(self, artifacts: ArtifactStore, now: Callable[[], datetime]) -> None:
        """Takes the time from `now`, which is aware of its zone."""
        self._artifacts = artifacts
        self._now = now

    async def accept(self, model: ModelDescription) -> None:
        """Records that the licence a model bears now was accepted; the first time stands."""
        if not model.licence_uri or await self._is_accepted(model):
            return
        record = {"licence_uri": model.licence_uri, "accepted_time": self._now().isoformat()}
        await self._artifacts.write(_key(model), json.dumps(record).encode())

    async def require(self, model: ModelDescription) -> None:
        """Raises ConflictError with the reason LICENCE_NOT_ACCEPTED and what to do."""
        if model.licence_uri and not await self._is_accepted(model):
            raise ConflictError(
                f"The model {model.name!r} may be used under {model.licence_uri} only: read it, "
                f"and load the model with accept_licence (tts-trainer engines load {model.name} "
                "--accept-licence) to say that you accept it.",
                reason="LICENCE_NOT_ACCEPTED",
                field="accept_licence",
            )

    async def _is_accepted(self, model: ModelDescription) -> bool:
        try:
            record = json.loads(await self._artifacts.read(_key(model)))
        except (NotFoundError, ValueError):
            return False
        return isinstance(record, dict) and record.get("licence_uri") == model.licence_uri


def _key(model: ModelDescription) -> str:
    return f"{PREFIX}{model.name}.json"
