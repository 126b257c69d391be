"""Takes clips in, uploaded ones and those that lie in the store, and listens to them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from services.chassis.artifacts import ArtifactStore, key_of
from services.chassis.errors import InvalidInputError
from services.inference.voices.clip import Clip, heard
from services.inference.voices.ears import Ears
from services.inference.voices.grading import MAX_CLIP_SECONDS
from services.speech.windows import UnreadableAudioError, audio_info

MAX_CLIP_BYTES = 64 << 20
"""Five minutes of uncompressed stereo at 48 kHz."""
MIN_SOURCE_HERTZ = 8000
DECODED_SECONDS = MAX_CLIP_SECONDS + 1
"""A little more than is allowed, to see that there is more."""
MAX_AT_ONCE = 2
"""How many clips are listened to at once, so that those who speak keep their processors."""


class Decode(Protocol):
    """See services.decoding.mono.decode_mono."""

    async def __call__(self, source: Path, target: Path, *, max_seconds: float) -> None:
        """Writes the first seconds of `source` as mono floats. Raises InvalidInputError."""


@dataclass(frozen=True, slots=True)
class Upload:
    """The next of an upload: a name begins a clip, and bytes belong to the clip begun last."""

    name: str = ""
    chunk: bytes = b""


@dataclass(frozen=True, slots=True)
class ClipIntake:
    """Turns audio from outside into clips; `scratch` holds what a call works on meanwhile."""

    store: ArtifactStore
    ears: Ears
    decode: Decode
    scratch: Path
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_AT_ONCE))

    async def uploaded(self, uploads: AsyncIterator[Upload]) -> AsyncIterator[tuple[str, Clip]]:
        """Yields the clips of an upload with their names.

        Raises InvalidInputError, which says of which clip, for what is no audio or too large.
        """
        name, begun = "", False
        async with self._file() as path:
            async for upload in uploads:
                if upload.name:
                    if begun:
                        yield name, await self._listened(path, name)
                        await asyncio.to_thread(path.write_bytes, b"")
                    name, begun = upload.name, True
                elif begun:
                    await asyncio.to_thread(_append, path, upload.chunk, name)
                else:
                    message = "Each clip begins with its name: send clip_name before its bytes."
                    raise InvalidInputError(message, reason="CLIP_NAME_MISSING", field="clip_name")
            if begun:
                yield name, await self._listened(path, name)

    async def of_uri(self, uri: str, field: str) -> Clip:
        """Returns the clip at a URI. Raises InvalidInputError and NotFoundError."""
        key = key_of(uri, field=field)
        found = await self.store.stat(key)
        if found and found.size_bytes > MAX_CLIP_BYTES:
            raise _too_large(uri)
        async with self.store.opened(key) as path:
            return await self._listened(path, uri.rsplit("/", 1)[-1])

    async def of_bytes(self, content: bytes, name: str) -> Clip:
        """Returns the clip in the bytes of an audio file. Raises InvalidInputError."""
        async with self._file() as path:
            await asyncio.to_thread(_append, path, content, name)
            return await self._listened(path, name)

    async def _listened(self, source: Path, name: str) -> Clip:
        """Returns the clip in a file; of a long one, not much past the limit is decoded."""
        async with self.turns, self._file() as decoded:
            try:
                await self.decode(source, decoded, max_seconds=DECODED_SECONDS)
                return await asyncio.to_thread(self._heard, decoded)
            except InvalidInputError as error:
                raise about_clip(name, error.message, error.reason) from error

    def _heard(self, decoded: Path) -> Clip:
        try:
            rate = audio_info(decoded).sample_rate_hertz
            if rate < MIN_SOURCE_HERTZ:
                message = f"Its sample rate is {rate} Hz; at least {MIN_SOURCE_HERTZ} are needed."
                raise InvalidInputError(message, reason="LOW_SAMPLE_RATE")
            return heard(decoded, self.ears.detector())
        except UnreadableAudioError as error:
            message = "There is no sound in it: check that the file plays."
            raise InvalidInputError(message, reason="NOT_MEDIA") from error

    @asynccontextmanager
    async def _file(self) -> AsyncIterator[Path]:
        with TemporaryDirectory(prefix="clip-", dir=self.scratch) as folder:
            path = Path(folder, "clip")
            await asyncio.to_thread(path.touch)
            yield path


def about_clip(name: str, message: str, reason: str) -> InvalidInputError:
    """Returns an error that says which clip it is about."""
    return InvalidInputError(
        f"The clip {name!r} cannot be used. {message}", reason=reason, field="chunk"
    )


def _append(path: Path, content: bytes, name: str) -> None:
    if path.stat().st_size + len(content) > MAX_CLIP_BYTES:
        raise _too_large(name)
    with path.open("ab") as file:
        file.write(content)


def _too_large(name: str) -> InvalidInputError:
    message = f"It is larger than {MAX_CLIP_BYTES >> 20} MiB: cut out a few seconds of speech."
    return about_clip(name, message, "CLIP_TOO_LARGE")
