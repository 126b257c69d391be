"""What a recorded statement says, asked of the services that decode and write down."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest

from services.chassis.blobs import add_bytes
from services.chassis.errors import InvalidInputError, NotFoundError, UnavailableError
from services.dataset.consents.spoken_words import SpokenWords
from tests.fakes.artifacts import InMemoryArtifacts
from tests.fakes.serving import serving
from tests.speech import save, silence, tone
from tests.transcription_service import PHRASES, RATE, Transcription, transcription_service
from ttstrainer.media.v1 import media_service_pb2 as pb
from ttstrainer.media.v1.media_service_pb2_grpc import (
    MediaServiceServicer,
    MediaServiceStub,
    add_MediaServiceServicer_to_server,
)

RECORDING = b"a recording"


@dataclass
class Decoder(MediaServiceServicer):
    """Decodes each recording to the same audio."""

    store: InMemoryArtifacts
    audio: bytes
    seconds: float = 6.0
    error: Exception | None = None

    async def ExtractAudio(
        self,
        request: pb.ExtractAudioRequest,
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> AsyncIterator[pb.ExtractAudioResponse]:
        """See the contract."""
        if self.error:
            raise self.error
        assert f"blobs/{request.recording_id}" in self.store.objects
        yield pb.ExtractAudioResponse(progress_ratio=0.5)
        blob = await add_bytes(self.store, self.audio)
        audio = pb.ExtractedAudio(
            audio_uri=blob.uri, sample_rate_hertz=RATE, sample_count=round(RATE * self.seconds)
        )
        yield pb.ExtractAudioResponse(audio=audio)


@dataclass
class Listening:
    """What listens, and what it asks."""

    listener: SpokenWords
    decoder: Decoder
    transcription: Transcription

    @property
    def blobs(self) -> set[str]:
        """What lies in the store apart from the records of steps."""
        return {key for key in self.decoder.store.objects if key.startswith("blobs/")}


@pytest.fixture
async def listening(tmp_path: Path) -> AsyncIterator[Listening]:
    quiet = silence(1.5, sample_rate_hertz=RATE)
    phrases = [tone(3, hertz=hertz, sample_rate_hertz=RATE) for hertz in (300, 500)]
    samples = np.concatenate([quiet, phrases[0], quiet, phrases[1], quiet])
    audio = save(tmp_path / "spoken.wav", samples, RATE).read_bytes()
    async with transcription_service(tmp_path) as transcription:
        decoder = Decoder(transcription.store, audio)  # type: ignore[abstract]
        async with serving(partial(add_MediaServiceServicer_to_server, decoder)) as media:
            listener = SpokenWords(transcription.store, MediaServiceStub(media), transcription.stub)
            yield Listening(listener, decoder, transcription)


async def test_a_recording_is_decoded_and_written_down(listening: Listening) -> None:
    heard = await listening.listener.words_in(RECORDING, "en")
    assert heard == f"{PHRASES[300]} {PHRASES[500]}"


async def test_nothing_of_what_was_heard_stays(listening: Listening) -> None:
    await listening.listener.words_in(RECORDING, "en")
    assert listening.blobs == set()
    assert await listening.listener.words_in(RECORDING, "en"), "it can be heard again"


async def test_what_lay_in_the_store_before_stays_there(listening: Listening) -> None:
    store = listening.decoder.store
    recording = await add_bytes(store, RECORDING)
    await listening.listener.words_in(RECORDING, "en")
    assert recording.key in listening.blobs


async def test_the_audio_of_another_recording_that_sounds_the_same_stays(
    listening: Listening,
) -> None:
    store = listening.decoder.store
    others = await add_bytes(store, listening.decoder.audio)
    store.make_older(others.key, timedelta(seconds=1))
    await listening.listener.words_in(RECORDING, "en")
    assert listening.blobs == {others.key}


async def test_more_than_a_minute_is_refused_before_it_is_written_down(
    listening: Listening,
) -> None:
    listening.decoder.seconds = 61
    with pytest.raises(InvalidInputError, match="61 s long") as caught:
        await listening.listener.words_in(RECORDING, "en")
    assert caught.value.reason == "STATEMENT_TOO_LONG"
    assert listening.blobs == set()


@pytest.mark.parametrize(
    "error",
    [
        NotFoundError("It is not there.", reason="RECORDING_NOT_FOUND"),
        UnavailableError("It does not answer.", reason="AWAY"),
    ],
)
async def test_what_the_decoder_says_is_handed_on_and_nothing_stays(
    listening: Listening, error: NotFoundError | UnavailableError
) -> None:
    listening.decoder.error = error
    with pytest.raises(type(error)) as caught:
        await listening.listener.words_in(RECORDING, "en")
    assert caught.value.reason == error.reason
    assert listening.blobs == set()
