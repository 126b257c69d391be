"""Sentences made before their time: heard the same, and in nobody's way."""

import asyncio
import random
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path

import grpc
import pytest

from services.inference.engines.engine import EngineKind, Piece, Utterance
from services.inference.pool.admission import Patience
from services.inference.speaking.chunks import as_pcm
from services.inference.speaking.pace import Pace
from tests.eventually import eventually
from tests.fakes.fake_engine import PIECE_SAMPLES, RATE, FakeEngine, FakeStream, hum
from tests.inference_service import inference_service, pcm_of
from ttstrainer.inference.v1 import inference_service_pb2 as pb

TEXT = (
    "Here is the first sentence of them. The second one has the number 123,456,789,123,456,789. "
    "Mm mm mm mm mm mm mm mm mm mm mm. The fourth follows it at once! Is the fifth a question? "
    "Then comes the sixth, with a few more words in it. And here, with the seventh, it ends."
)
LONG_TEXT = " ".join(f"This is the sentence with the number {n}." for n in range(1_000))
BULK = pb.PRIORITY_BULK


class BrokenAt(FakeEngine):
    """Fails in the middle of one of the sentences."""

    def __init__(self, words: str) -> None:
        super().__init__(kind=EngineKind.XTTS, slot_count=4)
        self.words = words

    def open(self, utterance: Utterance) -> FakeStream:
        self.opened.append(utterance)
        kind = BrokenStream if self.words in utterance.text else FakeStream
        return kind(self, utterance)


class BrokenStream(FakeStream):
    """Has three pieces of audio, and no more."""

    async def __aiter__(self) -> AsyncIterator[Piece]:
        async for piece in super().__aiter__():
            if self.read_count > 3:
                raise RuntimeError("broken")
            yield piece


async def spoken(folder: Path, slot_count: int, pace: Pace, **options: object) -> list[str]:
    """Returns the parts of a stream, without what depends on the time."""
    engine = FakeEngine(kind=EngineKind.XTTS, slot_count=slot_count)
    async with inference_service(folder, engine=engine, pace=pace) as inference:
        parts = await inference.speak(TEXT, seed=3, **options)
        assert engine.most_open_count == slot_count  # one by one, or all at once
        await eventually(lambda: inference.is_at_rest)
    parts[-1].summary.time_to_first_audio_seconds = parts[-1].summary.real_time_factor = 0
    return [str(part) for part in parts]


@pytest.mark.parametrize("rate", [0, 44_100])
@pytest.mark.parametrize("max_audio_seconds", [0, 9.0, 15.03])
async def test_what_was_made_ahead_is_what_is_made_one_by_one(
    tmp_path: Path, rate: int, max_audio_seconds: float
) -> None:
    """Also where the audio ends at its longest length, in the middle of what may be ahead."""
    pace = Pace(max_sentence_seconds=2.5)
    alone, ahead = [
        await spoken(
            tmp_path,
            slot_count,
            pace,
            priority=BULK,
            sample_rate_hertz=rate,
            max_audio_seconds=max_audio_seconds,
        )
        for slot_count in (1, 3)
    ]
    assert ahead == alone


async def test_where_nobody_listens_a_text_takes_all_slots_that_are_free(tmp_path: Path) -> None:
    engine = FakeEngine(kind=EngineKind.XTTS, slot_count=4, is_held=True)
    async with inference_service(tmp_path, engine=engine) as inference:
        speaking = asyncio.create_task(inference.speak(TEXT, priority=BULK))
        await eventually(lambda: len(engine.open_streams) == 4)
        turns = inference.pool.loaded[0].admission
        assert (turns.active_count, turns.spare_turn_count) == (1, 3)
        engine.going.set()
        await speaking
        assert engine.most_open_count == 4
        await eventually(lambda: inference.is_at_rest)


async def test_a_model_that_makes_one_after_the_other_is_not_asked_for_two(tmp_path: Path) -> None:
    engine = FakeEngine(kind=EngineKind.VITS, slot_count=4)
    async with inference_service(tmp_path, engine=engine, pace=Pace(min_lead_seconds=0)) as service:
        await service.speak(TEXT)
        await service.speak(TEXT, priority=BULK)
        assert engine.most_open_count == 1


async def test_a_file_takes_all_slots_that_are_free_whatever_its_priority(tmp_path: Path) -> None:
    engine = FakeEngine(kind=EngineKind.XTTS, slot_count=4, is_held=True)
    async with inference_service(tmp_path, engine=engine) as inference:
        filing = asyncio.create_task(inference.synthesize(TEXT))
        await eventually(lambda: len(engine.open_streams) == 4)
        engine.going.set()
        assert (await filing).summary.sentence_count == 6
        await eventually(lambda: inference.is_at_rest)


@pytest.mark.parametrize(("min_lead_seconds", "most_open_count"), [(1.0, 2), (1e9, 1)])
async def test_where_somebody_listens_one_is_made_ahead_with_enough_in_hand(
    tmp_path: Path, min_lead_seconds: float, most_open_count: int
) -> None:
    engine = FakeEngine(kind=EngineKind.XTTS, slot_count=4)
    pace = Pace(min_lead_seconds=min_lead_seconds)
    async with inference_service(tmp_path, engine=engine, pace=pace) as inference:
        await inference.speak(TEXT)
        assert engine.most_open_count == most_open_count


async def test_who_comes_gets_a_slot_at_once_and_both_sound_as_alone(tmp_path: Path) -> None:
    engine = FakeEngine(kind=EngineKind.XTTS, slot_count=3)
    patience = Patience(max_waiting_streams=0)
    async with inference_service(tmp_path, engine=engine, patience=patience) as inference:
        book = pcm_of(await inference.speak(TEXT, seed=1, priority=BULK))
        words = pcm_of(await inference.speak("Hello there.", seed=2))
        engine.going.clear()
        reading = asyncio.create_task(inference.speak(TEXT, seed=1, priority=BULK))
        await eventually(lambda: len(engine.open_streams) == 3)
        beside = [asyncio.create_task(inference.speak("Hello there.", seed=2)) for _ in range(2)]
        turns = inference.pool.loaded[0].admission
        await eventually(lambda: (turns.active_count, turns.spare_turn_count) == (3, 0))
        assert turns.waiting_count == 0
        await eventually(lambda: len(engine.open_streams) == 3)
        engine.going.set()
        assert [pcm_of(parts) for parts in await asyncio.gather(*beside)] == [words, words]
        assert pcm_of(await reading) == book
        await eventually(lambda: inference.is_at_rest)


async def test_books_and_listeners_of_whom_some_leave_all_sound_as_alone(tmp_path: Path) -> None:
    engine = FakeEngine(kind=EngineKind.XTTS, slot_count=3)
    chance = random.Random(1)  # noqa: S311 - a trial that can be repeated
    priorities = [chance.choice((BULK, pb.PRIORITY_INTERACTIVE)) for _ in range(24)]
    patience = [chance.choice((chance.randint(1, 100), 10**6)) for _ in range(24)]
    async with inference_service(tmp_path, engine=engine) as inference:

        async def heard(seed: int, part_count: int) -> bytes:
            options = pb.SpeechOptions(priority=priorities[seed], seed=seed)
            call = inference.stub.StreamSpeech(pb.StreamSpeechRequest(text=TEXT, options=options))
            parts: list[pb.SpeechPart] = []
            async for response in call:
                parts.append(response.part)
                if len(parts) == part_count:
                    break
            call.cancel()
            return pcm_of(parts)

        together = await asyncio.gather(*map(heard, range(24), patience))
        await eventually(lambda: inference.is_at_rest)
        assert len(set(map(len, together))) > 5  # some left, and not all at once
        assert together == [await heard(seed, count) for seed, count in enumerate(patience)]


async def test_a_client_that_disappears_ends_everything_that_was_begun(tmp_path: Path) -> None:
    engine = FakeEngine(kind=EngineKind.XTTS, slot_count=4, is_held=True)
    async with inference_service(tmp_path, engine=engine) as inference:
        request = pb.StreamSpeechRequest(text=LONG_TEXT, options=pb.SpeechOptions(priority=BULK))
        call = inference.stub.StreamSpeech(request)
        await eventually(lambda: len(engine.open_streams) == 4)
        call.cancel()
        await eventually(lambda: inference.is_at_rest)
        assert len(engine.opened) == 4


async def test_a_failure_is_told_after_the_audio_before_it(tmp_path: Path) -> None:
    engine = BrokenAt("question")
    async with inference_service(tmp_path, engine=engine) as inference:
        options = pb.SpeechOptions(priority=BULK, seed=1)
        call = inference.stub.StreamSpeech(pb.StreamSpeechRequest(text=TEXT, options=options))
        heard = await _heard(call)
        whole = _audio(engine, 0, 1, 3)  # the third cannot be pronounced, the fifth breaks
        part = 2 * (round(Pace().sentence_pause_seconds * RATE) + 3 * PIECE_SAMPLES)
        assert heard == _audio(engine, 0, 1, 3, 4)[: len(whole) + part]
        await eventually(lambda: inference.is_at_rest)
        assert await call.code() is grpc.StatusCode.INTERNAL


async def test_text_that_becomes_too_long_is_refused_after_what_came_before(
    tmp_path: Path,
) -> None:
    async with inference_service(tmp_path, max_text_characters=100) as inference:
        call = inference.stub.StreamSpeechFromText()
        await call.write(pb.StreamSpeechFromTextRequest(options=pb.SpeechOptions(priority=BULK)))
        for text in ("Here is a first sentence. And ", "here comes more " * 10):
            await call.write(pb.StreamSpeechFromTextRequest(text=text))
        assert await _heard(call) == _audio(inference.engine, 0)
        assert await call.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_reader_who_is_far_behind_has_nothing_more_begun(tmp_path: Path) -> None:
    engine = FakeEngine(kind=EngineKind.XTTS, slot_count=4)
    pace = Pace(max_lead_seconds=1.0)
    async with inference_service(tmp_path, engine=engine, pace=pace) as inference:
        options = pb.SpeechOptions(priority=BULK)
        call = inference.stub.StreamSpeech(pb.StreamSpeechRequest(text=LONG_TEXT, options=options))
        counts: list[int] = []

        def rests() -> bool:
            counts.append(len(engine.opened))
            return len(counts) > 20 and len(set(counts[-20:])) == 1

        await call.read()
        await eventually(rests)
        assert counts[-1] < 15
        assert engine.open_streams == set()
        call.cancel()
        await eventually(lambda: inference.is_at_rest)


async def _heard(
    call: AsyncIterable[pb.StreamSpeechResponse] | AsyncIterable[pb.StreamSpeechFromTextResponse],
) -> bytes:
    """Returns the audio that came before the call failed."""
    heard = b""
    try:
        async for response in call:
            heard += response.part.chunk.pcm
    except grpc.aio.AioRpcError:
        return heard
    pytest.fail("the call did not fail")


def _audio(engine: FakeEngine, *sentence_indexes: int) -> bytes:
    """Returns what these sentences sound like one after the other."""
    by_index = {utterance.sentence_index: utterance for utterance in engine.opened}
    pause = bytes(2 * round(Pace().sentence_pause_seconds * RATE))
    return pause.join(as_pcm(hum(by_index[index])).tobytes() for index in sentence_indexes)
