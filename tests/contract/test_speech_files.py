"""SynthesizeSpeech behind a real channel: files of speech, returned or stored."""

import io
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from services.chassis.artifacts import key_of
from services.chassis.errors import InvalidInputError
from tests.eventually import eventually
from tests.fakes.fake_engine import RATE
from tests.inference_service import Inference, inference_service, pcm_of
from ttstrainer.inference.v1 import inference_service_pb2 as pb

TEXT = "The first sentence is here. The second one follows it!"


@pytest.fixture
async def inference(tmp_path: Path) -> AsyncIterator[Inference]:
    async with inference_service(tmp_path) as service:
        yield service


async def test_a_file_holds_what_a_stream_says(inference: Inference) -> None:
    parts = await inference.speak(TEXT, seed=1)
    made = await inference.synthesize(TEXT, options=pb.SpeechOptions(seed=1))
    samples, rate = soundfile.read(io.BytesIO(made.audio), dtype="int16")
    assert rate == RATE
    assert samples.tobytes() == pcm_of(parts)
    assert made.media_type == "audio/wav"
    assert made.format == parts[0].format
    assert list(made.sentences) == [p.sentence for p in parts if p.HasField("sentence")]
    assert made.summary.sentence_count == 2
    assert made.summary.seed == 1


@pytest.mark.parametrize(
    ("file_format", "media_type"),
    [
        (pb.FILE_FORMAT_WAV, "audio/wav"),
        (pb.FILE_FORMAT_FLAC, "audio/flac"),
        (pb.FILE_FORMAT_MP3, "audio/mpeg"),
        (pb.FILE_FORMAT_OGG_OPUS, "audio/ogg"),
        (pb.FILE_FORMAT_AAC, "audio/mp4"),
    ],
)
async def test_every_format_says_that_it_is_synthetic_and_who_speaks(
    inference: Inference, tmp_path: Path, file_format: pb.FileFormat, media_type: str
) -> None:
    made = await inference.synthesize(TEXT, file_format=file_format)
    assert made.media_type == media_type
    file = tmp_path / "speech"
    file.write_bytes(made.audio)
    told = json.loads(
        subprocess.run(  # noqa: ASYNC221 - nothing else runs
            ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", file],  # noqa: S607
            capture_output=True,
            check=True,
        ).stdout
    )
    tags = {**told["streams"][0].get("tags", {}), **told["format"].get("tags", {})}
    comment = {name.lower(): value for name, value in tags.items()}["comment"]
    assert "synthetic=1" in comment
    assert "voice=joe" in comment
    assert float(told["format"]["duration"]) == pytest.approx(made.summary.audio_seconds, abs=0.15)


async def test_a_stored_file_is_an_artifact_and_not_in_the_answer(inference: Inference) -> None:
    made = await inference.synthesize(TEXT, options=pb.SpeechOptions(seed=1), store=True)
    content = await inference.store.read(key_of(made.audio_uri))
    returned = await inference.synthesize(TEXT, options=pb.SpeechOptions(seed=1))
    assert made.WhichOneof("file") == "audio_uri"
    assert content == returned.audio


@pytest.mark.parametrize("file_format", [pb.FILE_FORMAT_WAV, pb.FILE_FORMAT_FLAC])
async def test_a_file_too_large_for_an_answer_must_be_stored(
    tmp_path: Path, file_format: pb.FileFormat
) -> None:
    async with inference_service(tmp_path, max_reply_bytes=10_000) as inference:
        with pytest.raises(InvalidInputError, match="set store") as refused:
            await inference.synthesize(TEXT, file_format=file_format)
        assert refused.value.reason == "FILE_TOO_LARGE"
        assert (await inference.synthesize(TEXT, file_format=file_format, store=True)).audio_uri
        await eventually(lambda: inference.is_at_rest)


async def test_what_cannot_be_spoken_makes_no_file(inference: Inference, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError):
        await inference.synthesize("")
    with pytest.raises(InvalidInputError, match="file_format"):
        await inference.synthesize(TEXT, file_format=99)
    assert not list(tmp_path.glob("speech-*"))
    assert not [info async for info in inference.store.list("")]


async def test_the_call_says_that_the_file_is_synthetic(inference: Inference) -> None:
    call = inference.stub.SynthesizeSpeech(pb.SynthesizeSpeechRequest(text=TEXT))
    assert ("tts-trainer-synthetic", "1") in tuple(await call.initial_metadata())
    assert np.frombuffer((await call).audio, np.uint8).size
