"""What a voice is made of and what was derived from it, in the artifact store.

voices/<id>/data/<data id>/references/<number>.flac
voices/<id>/data/<data id>/conditioning/<model>/<version>.safetensors
voices/<id>/data/<data id>/previews/<sha256>.wav

Each cloning has a data id of its own, so that what belongs to a voice that was deleted or replaced
can be removed while another one of the same name is made.
"""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from services.chassis.artifacts import ArtifactStore, uri_of
from services.chassis.errors import NotFoundError
from services.inference.voices.voice import Voice

ABANDONED_AFTER = timedelta(hours=1)
"""Nobody works on a cloning for longer: what is older and belongs to no voice was left behind."""


class VoiceData:
    """The data of all voices."""

    def __init__(self, store: ArtifactStore) -> None:
        """Keeps them in `store`."""
        self._store = store

    async def add_reference(self, voice_id: str, data_id: str, number: int, path: Path) -> str:
        """Keeps the FLAC file at `path` and returns its URI."""
        key = f"{_folder(voice_id, data_id)}references/{number}.flac"
        await self._store.put(key, path)
        return uri_of(key)

    async def read(self, key: str) -> bytes | None:
        """Returns something that was derived, or None when it was not, or is gone."""
        try:
            return await self._store.read(key)
        except NotFoundError:
            return None

    async def write(self, key: str, content: bytes) -> None:
        """Keeps something that was derived."""
        await self._store.write(key, content)

    async def delete(self, key: str) -> None:
        """Removes something that was derived."""
        await self._store.delete(key)

    async def remove(self, voice_id: str, data_id: str) -> int:
        """Removes all data of one cloning; returns how many objects that were."""
        keys = [info.key async for info in self._store.list(_folder(voice_id, data_id))]
        for key in keys:
            await self._store.delete(key)
        return len(keys)

    async def remove_abandoned(self, voice_id: str, kept_data_id: str, now: datetime) -> int:
        """Removes what interrupted clonings left behind; returns how many objects that were."""
        kept = _folder(voice_id, kept_data_id) if kept_data_id else "/"
        keys = [
            info.key
            async for info in self._store.list(f"voices/{voice_id}/data/")
            if not info.key.startswith(kept) and now - info.modified_time > ABANDONED_AFTER
        ]
        for key in keys:
            await self._store.delete(key)
        return len(keys)


def conditioning_key(voice: Voice, model: str, version: str) -> str:
    """Returns where a model version keeps how it sees a voice."""
    folder = _folder(voice.voice_id, voice.data_id)
    return f"{folder}conditioning/{quote(model, safe='')}/{quote(version, safe='')}.safetensors"


def preview_key(voice: Voice, what: str) -> str:
    """Returns where the preview lies that depends on `what`, any text."""
    name = hashlib.sha256(what.encode()).hexdigest()
    return f"{_folder(voice.voice_id, voice.data_id)}previews/{name}.wav"


def _folder(voice_id: str, data_id: str) -> str:
    return f"voices/{voice_id}/data/{data_id}/"
