"""InferenceService behind a real channel: what it refuses, and that the others go on unharmed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest

from services.chassis.channel import error_of
from services.chassis.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    OverloadedError,
    ServiceError,
    UnavailableError,
)
from services.inference.pool.admission import Patience
from services.inference.speaking.pace import Pace
from tests.eventually import eventually
from tests.fakes.fake_engine import FakeEngine
from tests.inference_service import Inference, inference_service, pcm_of
from ttstrainer.inference.v1 import inference_service_pb2 as pb

TEXT = "This is one sentence of a few words. This is another one with more of them."
LONG_TEXT = " ".join(f"This is the sentence with the number {n}." for n in range(1_000))


@pytest.fixture
async def inference(tmp_path: Path) -> AsyncIterator[Inference]:
    async with inference_service(tmp_path) as service:
        yield service


@asynccontextmanager
async def others_unharmed(inference: Inference) -> AsyncIterator[None]:
    """Checks that a stream that runs meanwhile, and one after, sound as they do alone."""
    alone = pcm_of(await inference.speak(TEXT, seed=5))
    engine = inference.engine
    engine.going.clear()
    beside = asyncio.create_task(inference.speak(TEXT, seed=5))
    await eventually(lambda: engine.open_streams)
    try:
        yield
    finally:
        engine.going.set()
    assert pcm_of(await beside) == alone
    assert pcm_of(await inference.speak(TEXT, seed=5)) == alone
    await eventually(lambda: inference.is_at_rest)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "EMPTY_TEXT"),
        (" \n\t ", "EMPTY_TEXT"),
        ("\x00\x07\x1b", "NOTHING_TO_SAY"),
        ("... --- !!!", "NOTHING_TO_SAY"),
        ("word " * 20_000, "TEXT_TOO_LONG"),
        ("这是一个中文句子。不能用英语说。", "UNREADABLE_SCRIPT"),
    ],
    ids=["empty", "blank", "control characters", "punctuation", "100,000 characters", "chinese"],
)
async def test_a_text_that_cannot_be_spoken_is_refused(
    inference: Inference, text: str, reason: str
) -> None:
    async with others_unharmed(inference):
        with pytest.raises(InvalidInputError) as refused:
            await inference.speak(text)
        assert (refused.value.reason, refused.value.field) == (reason, "text")


async def test_a_sentence_that_the_model_cannot_pronounce_is_left_out(
    inference: Inference,
) -> None:
    parts = await inference.speak(
        "Here is the first sentence. Mm mm mm mm mm mm mm mm. Here it ends now."
    )
    assert parts[-1].summary.sentence_count == 2
    with pytest.raises(InvalidInputError, match="nothing to speak"):
        await inference.speak("Mm mm mm mm.")


async def test_control_characters_within_a_text_are_not_spoken(inference: Inference) -> None:
    parts = await inference.speak("Hello\x00 there\x07.", seed=1)
    plain = await inference.speak("Hello there.", seed=1)
    assert pcm_of(parts) == pcm_of(plain)


@pytest.mark.parametrize(
    ("options", "error", "reason"),
    [
        ({"voice_id": "nobody"}, NotFoundError, "VOICE_NOT_FOUND"),
        ({"voice_id": "joe", "model": "nothing"}, NotFoundError, "MODEL_NOT_FOUND"),
        ({"voice_id": "joe", "model": "xtts"}, InvalidInputError, "VOICE_NOT_OF_MODEL"),
        ({"voice_id": "ann", "model": "joe"}, InvalidInputError, "MODEL_CANNOT_CLONE"),
        ({"model": "joe", "model_version": "9"}, NotFoundError, "MODEL_NOT_FOUND"),
        ({"language_code": "sw"}, InvalidInputError, "UNSUPPORTED_LANGUAGE"),
        ({"voice_id": "eve"}, ConflictError, "VOICE_WITHDRAWN"),
        ({"speed": 3}, InvalidInputError, "OPTION_OUT_OF_RANGE"),
        ({"priority": 7}, InvalidInputError, "OPTION_OUT_OF_RANGE"),
    ],
)
async def test_options_that_do_not_fit_are_refused(
    inference: Inference, options: dict[str, object], error: type[ServiceError], reason: str
) -> None:
    async with others_unharmed(inference):
        with pytest.raises(error) as refused:
            await inference.speak("Hello.", **options)
        assert refused.value.reason == reason


async def test_a_voice_of_another_model_is_refused_before_that_is_loaded(
    inference: Inference,
) -> None:
    for options in ({"voice_id": "joe", "model": "xtts"}, {"voice_id": "ann", "model": "joe"}):
        with pytest.raises(InvalidInputError):
            await inference.speak("Hello.", **options)
    assert inference.models.load_count == 0


async def test_pieces_of_text_are_held_to_the_same_limits(tmp_path: Path) -> None:
    async with inference_service(tmp_path, max_text_characters=100) as inference:
        with pytest.raises(InvalidInputError, match="longer than 100"):
            await inference.speak_pieces(["word " * 10] * 3)
        with pytest.raises(InvalidInputError, match="nothing to speak"):
            await inference.speak_pieces(["", " ", None, "\n"])
        with pytest.raises(InvalidInputError) as unreadable:
            await inference.speak_pieces(["这是一个中文句子。不能用英语说。"])
        assert (unreadable.value.reason, unreadable.value.field) == ("UNREADABLE_SCRIPT", "text")
        call = inference.stub.StreamSpeechFromText(
            iter([pb.StreamSpeechFromTextRequest(text="Hello.")])
        )
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call.read()
        assert error_of(refused.value).reason == "OPTIONS_MISSING"
        await eventually(lambda: inference.is_at_rest)


async def test_more_requests_than_slots_are_refused_with_a_time_to_come_back(
    tmp_path: Path,
) -> None:
    engine = FakeEngine(slot_count=2, is_held=True)
    patience = Patience(max_waiting_streams=1)
    async with inference_service(tmp_path, engine=engine, patience=patience) as inference:
        running = [asyncio.create_task(inference.speak(TEXT, seed=n)) for n in range(3)]
        await eventually(lambda: inference.pool.loaded)
        admission = inference.pool.loaded[0].admission
        await eventually(lambda: (admission.active_count, admission.waiting_count) == (2, 1))
        with pytest.raises(OverloadedError, match="slots") as refused:
            await inference.speak(TEXT)
        assert refused.value.retry_after_seconds
        assert refused.value.retry_after_seconds >= 0.5
        engine.going.set()
        together = [pcm_of(parts) for parts in await asyncio.gather(*running)]
        assert together == [pcm_of(await inference.speak(TEXT, seed=n)) for n in range(3)]
        assert engine.most_open_count == 2
        await eventually(lambda: inference.is_at_rest)


async def test_a_client_that_disappears_gives_back_what_it_held(inference: Inference) -> None:
    async with others_unharmed(inference):
        request = pb.StreamSpeechRequest(text=LONG_TEXT)
        call = inference.stub.StreamSpeech(request)
        await eventually(lambda: len(inference.engine.open_streams) == 2)
        call.cancel()
        await eventually(lambda: len(inference.engine.open_streams) == 1)


async def test_a_client_that_disappears_in_the_middle_ends_the_work(inference: Inference) -> None:
    call = inference.stub.StreamSpeech(pb.StreamSpeechRequest(text=LONG_TEXT))
    for _ in range(5):
        await call.read()
    call.cancel()
    await eventually(lambda: inference.is_at_rest)
    count = len(inference.engine.opened)
    await inference.speak("Hello.")
    assert len(inference.engine.opened) == count + 1


async def test_a_client_that_never_reads_is_cut_off(tmp_path: Path) -> None:
    async with inference_service(
        tmp_path, stalled_client_seconds=0.3, pace=Pace(max_lead_seconds=1.0)
    ) as inference:
        call = inference.stub.StreamSpeech(pb.StreamSpeechRequest(text=LONG_TEXT))
        await eventually(lambda: inference.pool.loaded and not inference.is_at_rest)
        await eventually(lambda: inference.is_at_rest)
        assert pcm_of(await inference.speak("Hello."))
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            async for _ in call:
                pass
        assert refused.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert error_of(refused.value).reason == "CLIENT_STALLED"


async def test_a_client_that_writes_no_more_is_cut_off_after_what_it_wrote(tmp_path: Path) -> None:
    async with inference_service(tmp_path, silent_client_seconds=0.3) as inference:
        call = inference.stub.StreamSpeechFromText()
        await call.write(pb.StreamSpeechFromTextRequest(options=pb.SpeechOptions()))
        await call.write(pb.StreamSpeechFromTextRequest(text="Hello there. And th"))
        heard = bytearray()

        async def listen() -> None:
            async for response in call:
                heard.extend(response.part.chunk.pcm)

        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await listen()
        assert refused.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert error_of(refused.value).reason == "CLIENT_STALLED"
        assert heard
        await eventually(lambda: inference.is_at_rest)


async def test_a_client_that_sends_no_options_is_cut_off(tmp_path: Path) -> None:
    async with inference_service(tmp_path, silent_client_seconds=0.1) as inference:
        call = inference.stub.StreamSpeechFromText()
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call.read()
        assert error_of(refused.value).reason == "CLIENT_STALLED"


async def test_a_deadline_ends_the_work(inference: Inference) -> None:
    async with others_unharmed(inference):
        request = pb.StreamSpeechRequest(text=TEXT)
        with pytest.raises(grpc.aio.AioRpcError) as late:
            async for _ in inference.stub.StreamSpeech(request, timeout=0.2):
                pass
        assert late.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        await eventually(lambda: len(inference.engine.open_streams) == 1)


async def test_a_deadline_of_the_service_ends_the_work(tmp_path: Path) -> None:
    engine = FakeEngine(is_held=True)
    settings = {"stream_deadline_seconds": 0.2}
    async with inference_service(tmp_path, engine=engine, settings=settings) as inference:
        with pytest.raises(ServiceError, match=r"longer than 0\.2 s"):
            await inference.speak(TEXT)
        await eventually(lambda: inference.is_at_rest)


async def test_a_voice_that_is_withdrawn_falls_silent_in_the_middle(inference: Inference) -> None:
    await inference.speak("Hello.", voice_id="ann")
    inference.engine.going.clear()
    running = asyncio.create_task(inference.speak(TEXT, voice_id="ann"))
    beside = asyncio.create_task(inference.speak(TEXT, voice_id="bob"))
    await eventually(lambda: len(inference.engine.open_streams) == 2)
    inference.stage.stop_voice("ann")
    with pytest.raises(ConflictError) as stopped:
        await running
    assert stopped.value.reason == "VOICE_WITHDRAWN"
    inference.engine.going.set()
    assert pcm_of(await beside)
    await eventually(lambda: inference.is_at_rest)


async def test_a_stream_that_ran_out_of_memory_is_told_and_the_next_one_speaks(
    inference: Inference,
) -> None:
    await inference.speak("Hello.")
    inference.engine.failure = OverloadedError("No memory.", reason="OUT_OF_MEMORY")
    with pytest.raises(OverloadedError) as refused:
        await inference.speak("Hello.")
    assert refused.value.retry_after_seconds
    inference.engine.failure = None
    assert pcm_of(await inference.speak("Hello."))


async def test_a_model_that_died_is_loaded_anew(inference: Inference) -> None:
    await inference.speak("Hello.")
    inference.engine.failure = UnavailableError("The engine died.")
    with pytest.raises(UnavailableError):
        await inference.speak("Hello.")
    assert pcm_of(await inference.speak("Hello."))
    assert inference.models.load_count == 2


async def test_what_nobody_expected_is_told_without_a_detail(inference: Inference) -> None:
    await inference.speak("Hello.")
    inference.engine.failure = RuntimeError("secret")
    with pytest.raises(ServiceError) as failed:
        await inference.speak("Hello.")
    assert "secret" not in failed.value.message
    await eventually(lambda: inference.is_at_rest)
