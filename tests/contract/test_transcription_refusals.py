"""What TranscriptionService refuses, and the reasons it gives."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.blobs import add_bytes
from services.chassis.errors import ConflictError, InvalidInputError, NotFoundError, ServiceError
from tests.transcription_service import Transcription, transcription_service


@pytest.fixture
async def transcription(tmp_path: Path) -> AsyncIterator[Transcription]:
    async with transcription_service(tmp_path) as service:
        yield service


@pytest.mark.parametrize(
    ("fields", "expected", "field"),
    [
        ({"audio_uri": "artifact://blobs/" + 64 * "0"}, NotFoundError, "uri"),
        ({"audio_uri": "file:///etc/passwd"}, InvalidInputError, "audio_uri"),
        ({"language_code": "klingon!"}, InvalidInputError, "language_code"),
        ({"language_code": "es"}, InvalidInputError, "language_code"),
        ({"model": "large-v3"}, ConflictError, "model"),
    ],
)
async def test_what_cannot_be_done_is_refused_with_the_reason(
    transcription: Transcription,
    fields: dict[str, str],
    expected: type[ServiceError],
    field: str,
) -> None:
    audio, clips = await transcription.add_recording(300)
    with pytest.raises(expected) as caught:
        await transcription.transcribe(**{"audio_uri": audio, "clips_uri": clips, **fields})
    assert caught.value.field == field


async def test_what_is_no_audio_is_refused(transcription: Transcription) -> None:
    blob = await add_bytes(transcription.store, b"This is a text, not a sound.")
    with pytest.raises(InvalidInputError, match="cannot be read"):
        await transcription.transcribe(audio_uri=blob.uri)


async def test_clips_of_other_audio_are_refused(transcription: Transcription) -> None:
    _, clips = await transcription.add_recording(300, 500, 700)
    short, _ = await transcription.add_recording(300)
    with pytest.raises(InvalidInputError, match="give the audio that the clips were made from"):
        await transcription.transcribe(audio_uri=short, clips_uri=clips)


async def test_subtitles_that_are_none_are_refused(transcription: Transcription) -> None:
    audio, clips = await transcription.add_recording(300)
    text = await add_bytes(transcription.store, b"once upon a time")
    with pytest.raises(InvalidInputError, match="SRT or WebVTT"):
        await transcription.transcribe(audio_uri=audio, clips_uri=clips, subtitles_uri=text.uri)
