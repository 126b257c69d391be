"""What a recorded statement says, asked of the services that decode and write down."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest

from services.chassis.blobs import Blob
from services.chassis.errors import InvalidInputError, NotFoundError
from services.dataset.spoken_words import SpokenWords
from tests.fakes.serving import serving
from tests.transcription_service import PHRASES, transcription_service
from ttstrainer.media.v1 import media_service_pb2 as pb
from ttstrainer.media.v1.media_service_pb2_grpc import (
    MediaServiceServicer,
    MediaServiceStub,
    add_MediaServiceServicer_to_server,
)

RECORDING = Blob("a" * 64, 5)


@dataclass
class Decoded(MediaServiceServicer):
    """Decodes one recording to audio that lies ready."""

    audio: pb.ExtractedAudio

    async def ExtractAudio(
        self,
        request: pb.ExtractAudioRequest,
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> AsyncIterator[pb.ExtractAudioResponse]:
        """See the contract."""
        if request.recording_id != RECORDING.sha256:
            raise NotFoundError("It is not there.", reason="RECORDING_NOT_FOUND")
        yield pb.ExtractAudioResponse(progress_ratio=0.5)
        yield pb.ExtractAudioResponse(audio=self.audio)


@asynccontextmanager
async def spoken_words(folder: Path, *, seconds: float = 6.0) -> AsyncIterator[SpokenWords]:
    async with transcription_service(folder) as transcription:
        audio_uri, _ = await transcription.add_recording(300, 500)
        audio = pb.ExtractedAudio(
            audio_uri=audio_uri, sample_rate_hertz=24_000, sample_count=round(24_000 * seconds)
        )
        decoding = partial(add_MediaServiceServicer_to_server, Decoded(audio))  # type: ignore[abstract]
        async with serving(decoding) as media:
            yield SpokenWords(transcription.store, MediaServiceStub(media), transcription.stub)


async def test_a_recording_is_decoded_and_written_down(tmp_path: Path) -> None:
    async with spoken_words(tmp_path) as listener:
        heard = await listener.words_in(RECORDING, "en")
    assert heard == f"{PHRASES[300]} {PHRASES[500]}"


async def test_more_than_a_minute_is_refused_before_it_is_written_down(tmp_path: Path) -> None:
    async with spoken_words(tmp_path, seconds=61) as listener:
        with pytest.raises(InvalidInputError, match="61 s long") as caught:
            await listener.words_in(RECORDING, "en")
    assert caught.value.reason == "STATEMENT_TOO_LONG"


async def test_what_the_decoder_says_is_handed_on(tmp_path: Path) -> None:
    async with spoken_words(tmp_path) as listener:
        with pytest.raises(NotFoundError) as caught:
            await listener.words_in(Blob("b" * 64, 5), "en")
    assert caught.value.reason == "RECORDING_NOT_FOUND"
