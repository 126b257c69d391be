"""What is known of each voice: a history of records, each created once.

voices/<id>/records/<number>.json

The newest record counts; one without a voice says that it was deleted. Whoever changes a voice
creates the number after the one they read: of many who do so at once one succeeds and the others
look again, on every store, since all can create an object that is not there. Numbers are never
reused, and a deletion empties the records before it.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from services.chassis.artifacts import ArtifactStore
from services.chassis.errors import NotFoundError
from services.inference.voices.voice import VOICE_ID, Voice, from_json, to_json

VOICES = "voices/"
RECORD_KEY = re.compile(r"voices/(?P<voice_id>[^/]+)/records/(?P<number>\d{6})\.json")
EMPTIED = b'{"voice": null}'


@dataclass(frozen=True, slots=True)
class Record:
    """The newest that is known of a voice."""

    number: int = 0
    """0 when there has never been one of this name."""
    voice: Voice | None = None
    """None when there is no such voice, or none any more."""


NONE = Record()


class VoiceRecords:
    """The records of all voices; remembers the newest of each, but always asks for its number."""

    def __init__(self, store: ArtifactStore) -> None:
        """Keeps them in `store`."""
        self._store = store
        self._known: dict[str, Record] = {}

    async def newest(self, voice_id: str) -> Record:
        """Returns the newest record of a voice."""
        if not VOICE_ID.fullmatch(voice_id):
            return NONE
        number = 0
        async for info in self._store.list(f"{VOICES}{voice_id}/records/"):
            if match := RECORD_KEY.fullmatch(info.key):
                number = max(number, int(match["number"]))
        if not number:
            return NONE
        known = self._known.get(voice_id, NONE)
        if known.number != number:
            known = await self._read(voice_id, number)
            self._known[voice_id] = known
        return known

    async def put(self, voice_id: str, decide: Callable[[Record], Voice]) -> tuple[Record, Voice]:
        """Records what `decide` makes of the newest record; returns that one and the new voice.

        `decide` is asked again when somebody else was faster, and raises to leave things as they
        are.
        """
        while True:
            before = await self.newest(voice_id)
            voice = decide(before)
            if await self._create(voice_id, Record(before.number + 1, voice)):
                return before, voice

    async def delete(self, voice_id: str, decide: Callable[[Record], Voice]) -> tuple[Voice, int]:
        """Deletes the voice that `decide` finds in the newest record, as `put` does.

        Returns that voice, and the number of the record that says so.
        """
        while True:
            before = await self.newest(voice_id)
            voice = decide(before)
            if await self._create(voice_id, Record(before.number + 1)):
                for number in range(1, before.number + 1):
                    await self._store.write(_key(voice_id, number), EMPTIED)
                return voice, before.number + 1

    async def voice_ids(self) -> list[str]:
        """Returns the ids that have records, deleted voices included, in order."""
        found = {
            match["voice_id"]
            async for info in self._store.list(VOICES)
            if (match := RECORD_KEY.fullmatch(info.key))
        }
        return sorted(found)

    async def _read(self, voice_id: str, number: int) -> Record:
        try:
            content = json.loads(await self._store.read(_key(voice_id, number)))
        except NotFoundError:
            return Record(number)
        found = content["voice"]
        return Record(number, from_json(found) if found else None)

    async def _create(self, voice_id: str, record: Record) -> bool:
        content = {"voice": to_json(record.voice) if record.voice else None}
        return await self._store.create(
            _key(voice_id, record.number), json.dumps(content, sort_keys=True).encode()
        )


def _key(voice_id: str, number: int) -> str:
    return f"{VOICES}{voice_id}/records/{number:06d}.json"
