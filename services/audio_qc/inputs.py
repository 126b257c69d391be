"""What the use cases read: audio in the store, checked before any work is done."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from services.audio_qc.voices.reference import NoSpeechInReferenceError
from services.chassis.artifacts import ArtifactStore, key_of
from services.chassis.blobs import CONTENT_KEYS, sha256_of
from services.chassis.errors import ConflictError, InvalidInputError
from services.speech.models import ModelMissingError
from services.speech.windows import UnreadableAudioError, audio_info

MIN_SAMPLE_RATE_HERTZ = 4_000
"""The filters that loudness is measured with need more than 3.4 kHz; a telephone has 8."""


@asynccontextmanager
async def opened_audio(
    store: ArtifactStore, uri: str, *, field: str, max_duration_seconds: float
) -> AsyncIterator[Path]:
    """Gives a local path of readable audio that is neither empty nor too long nor too coarse.

    Raises NotFoundError and InvalidInputError, naming the request `field`.
    """
    async with store.opened(key_of(uri, field=field)) as path:
        with explained(field):
            info = await asyncio.to_thread(audio_info, path)
        if info.sample_count == 0:
            message = "The audio holds no samples: extract it again, or choose another track."
            raise InvalidInputError(message, reason="EMPTY_AUDIO", field=field)
        if info.sample_rate_hertz < MIN_SAMPLE_RATE_HERTZ:
            message = (
                f"The audio has {info.sample_rate_hertz} samples a second; at least "
                f"{MIN_SAMPLE_RATE_HERTZ} are needed to measure it: record it at 44100 or 48000."
            )
            raise InvalidInputError(message, reason="LOW_SAMPLE_RATE", field=field)
        if info.duration_seconds > max_duration_seconds:
            message = (
                f"The audio lasts {info.duration_seconds / 3600:.1f} h; at most "
                f"{max_duration_seconds / 3600:g} h are taken: split the recording."
            )
            raise InvalidInputError(message, reason="TOO_LONG", field=field)
        yield path


async def content_id(store: ArtifactStore, uri: str, *, field: str) -> str:
    """Returns the sha256 of what lies behind a URI; a blob's name tells it without reading."""
    key = key_of(uri, field=field)
    if key.startswith(CONTENT_KEYS):
        return key.removeprefix(CONTENT_KEYS)
    async with store.opened(key) as path:
        return await asyncio.to_thread(sha256_of, path)


@contextmanager
def explained(field: str = "audio_uri") -> Iterator[None]:
    """Turns the errors of the pure parts into those a caller is shown."""
    try:
        yield
    except UnreadableAudioError as error:
        raise InvalidInputError(str(error), reason="UNREADABLE_AUDIO", field=field) from error
    except NoSpeechInReferenceError as error:
        raise InvalidInputError(str(error), reason="NO_SPEECH", field=field) from error
    except ModelMissingError as error:
        raise ConflictError(str(error), reason="MODEL_MISSING") from error
