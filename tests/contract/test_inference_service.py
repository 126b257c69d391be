"""InferenceService behind a real channel: what a stream of speech is made of."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from services.chassis.errors import InvalidInputError
from services.inference.engines.engine import FinishReason, Priority
from services.inference.speaking.chunks import as_pcm
from services.inference.speaking.pace import Pace
from services.inference.voices.voice import BuiltInVoice
from tests.eventually import eventually
from tests.fakes.fake_engine import RATE, FakeConditioning, FakeEngine, hum
from tests.fakes.fake_models import described
from tests.inference_service import Inference, inference_service, pcm_of
from ttstrainer.inference.v1 import inference_service_pb2 as pb

TEXT = "The first sentence is here. The second one follows it! Is the third one a question?"


@pytest.fixture
async def inference(tmp_path: Path) -> AsyncIterator[Inference]:
    async with inference_service(tmp_path) as service:
        yield service


async def test_the_format_comes_first_and_the_summary_last(inference: Inference) -> None:
    parts = await inference.speak("Hello there.", seed=7)
    assert parts[0].format == pb.AudioFormat(
        sample_rate_hertz=RATE,
        channel_count=1,
        synthetic=True,
        voice_id="joe",
        model="joe",
        model_version="1",
    )
    summary = parts[-1].summary
    assert summary.seed == 7
    assert summary.sentence_count == 1
    assert summary.finish_reason == pb.FINISH_REASON_COMPLETE
    assert summary.audio_seconds == pytest.approx(len(pcm_of(parts)) / 2 / RATE)
    assert summary.token_count == 2 * -(-len(pcm_of(parts)) // 2 // 1_600)
    assert summary.time_to_first_audio_seconds > 0
    assert summary.real_time_factor > 0


async def test_chunks_are_what_the_engine_made_numbered_and_short(inference: Inference) -> None:
    parts = await inference.speak("Hello there.", seed=7)
    chunks = [part.chunk for part in parts if part.HasField("chunk")]
    assert [chunk.sequence_number for chunk in chunks] == list(range(len(chunks)))
    offset = 0
    for chunk in chunks:
        assert chunk.sample_offset == offset
        assert len(chunk.pcm) <= 2 * RATE // 10
        offset += len(chunk.pcm) // 2
    (utterance,) = inference.engine.opened
    assert pcm_of(parts) == as_pcm(hum(utterance)).tobytes()


async def test_a_speaker_of_a_model_speaks_and_the_first_one_when_the_model_alone_is_named(
    inference: Inference,
) -> None:
    inference.models.descriptions.append(described("duo", can_clone=True))
    for speaker in ("Bob", "Ann"):
        voice = BuiltInVoice(f"duo.{speaker.lower()}", "en", speaker, "duo", speaker).as_voice()
        inference.voices.by_id[voice.voice_id] = voice
    parts = await inference.speak("Hello there.", voice_id="duo.ann", seed=7)
    assert (parts[0].format.voice_id, parts[0].format.model) == ("duo.ann", "duo")
    named = await inference.speak("Hello there.", model="duo", seed=7)
    assert (named[0].format.voice_id, named[0].format.model) == ("duo.bob", "duo")
    spoken = [utterance.conditioning for utterance in inference.engine.opened]
    assert spoken == [FakeConditioning(b"Ann"), FakeConditioning(b"Bob")]
    with pytest.raises(InvalidInputError) as refused:
        await inference.speak("Hello there.", voice_id="duo.ann", model="xtts")
    assert refused.value.reason == "VOICE_NOT_OF_MODEL"


async def test_every_call_says_that_the_speech_is_synthetic(inference: Inference) -> None:
    call = inference.stub.StreamSpeech(pb.StreamSpeechRequest(text="Hello there."))
    assert ("tts-trainer-synthetic", "1") in tuple(await call.initial_metadata())
    assert [response async for response in call]


async def test_each_sentence_is_marked_where_it_begins_in_text_and_audio(
    inference: Inference,
) -> None:
    parts = await inference.speak(TEXT)
    marks = [part.sentence for part in parts if part.HasField("sentence")]
    spoken = [TEXT[m.text_offset : m.text_offset + m.text_length] for m in marks]
    assert " ".join(spoken) == TEXT
    assert [mark.sentence_index for mark in marks] == list(range(len(marks)))
    samples = np.frombuffer(pcm_of(parts), "<i2")
    expected = [hum(utterance) for utterance in inference.engine.opened]
    for mark, audio in zip(marks, expected, strict=True):
        found = samples[mark.sample_offset : mark.sample_offset + len(audio)]
        assert np.array_equal(found, as_pcm(audio))
    seen_samples = 0
    for part in parts:
        if part.HasField("sentence"):
            assert part.sentence.sample_offset >= seen_samples
        seen_samples += len(part.chunk.pcm) // 2


async def test_between_sentences_is_the_pause_and_nothing_else(tmp_path: Path) -> None:
    async with inference_service(tmp_path, pace=Pace(sentence_pause_seconds=0.5)) as inference:
        parts = await inference.speak(TEXT)
        made = [as_pcm(hum(utterance)).tobytes() for utterance in inference.engine.opened]
        assert len(made) > 1
        assert pcm_of(parts) == bytes(RATE).join(made)


async def test_the_same_seed_gives_the_same_audio_and_without_one_it_is_told(
    inference: Inference,
) -> None:
    first = await inference.speak(TEXT)
    again = await inference.speak(TEXT, seed=first[-1].summary.seed)
    other = await inference.speak(TEXT)
    assert pcm_of(first) == pcm_of(again)
    assert first[-1].summary.seed != other[-1].summary.seed


async def test_text_that_arrives_in_pieces_sounds_like_the_whole(inference: Inference) -> None:
    whole = await inference.speak(TEXT, seed=1)
    pieces = await inference.speak_pieces([TEXT[n : n + 3] for n in range(0, len(TEXT), 3)], seed=1)
    assert pcm_of(pieces) == pcm_of(whole)
    marks = [part.sentence for part in pieces if part.HasField("sentence")]
    assert marks == [part.sentence for part in whole if part.HasField("sentence")]


async def test_a_sentence_is_spoken_before_the_text_has_ended(inference: Inference) -> None:
    call = inference.stub.StreamSpeechFromText()
    await call.write(pb.StreamSpeechFromTextRequest(options=pb.SpeechOptions(seed=1)))
    await call.write(pb.StreamSpeechFromTextRequest(text="Here is a whole sentence. And"))
    first = await call.read()
    assert isinstance(first, pb.StreamSpeechFromTextResponse)
    assert first.part.HasField("format")
    await eventually(lambda: len(inference.engine.opened) == 1)
    assert inference.engine.opened[0].text == "Here is a whole sentence."
    await call.write(pb.StreamSpeechFromTextRequest(text=" a flush"))
    await call.write(pb.StreamSpeechFromTextRequest(flush=pb.Flush()))
    await eventually(lambda: len(inference.engine.opened) == 2)
    assert inference.engine.opened[1].text == "And a flush"
    # While it waits for text, it keeps nobody from speaking.
    await eventually(lambda: inference.pool.loaded[0].admission.active_count == 0)
    await call.done_writing()
    last = pb.SpeechPart()
    while isinstance(response := await call.read(), pb.StreamSpeechFromTextResponse):
        last = response.part
    assert last.summary.sentence_count == 2


async def test_options_reach_the_engine(inference: Inference) -> None:
    await inference.speak(
        "Hello there.",
        voice_id="ann",
        language_code="en-GB",
        speed=1.5,
        temperature=0.5,
        top_k=3,
        top_p=0.5,
        repetition_penalty=2,
        seed=9,
        priority=pb.PRIORITY_BULK,
        pronunciations=[pb.Pronunciation(written="there", spoken="thair")],
    )
    (utterance,) = inference.engine.opened
    assert utterance.text == "Hello thair."
    assert utterance.language_code == "en"
    assert utterance.conditioning is not None
    assert utterance.conditioning.to_bytes() == b"ann"
    assert (utterance.speed, utterance.priority) == (1.5, Priority.BULK)
    sampling = utterance.sampling
    assert (sampling.temperature, sampling.top_k, sampling.top_p) == (0.5, 3, 0.5)
    assert (sampling.repetition_penalty, sampling.seed) == (2, 9)


async def test_a_cloned_voice_without_a_model_gets_the_services_own(inference: Inference) -> None:
    parts = await inference.speak("Hello there.", voice_id="bob")
    assert parts[0].format.model == "xtts"


async def test_another_sample_rate_keeps_the_length_and_the_tone(inference: Inference) -> None:
    parts = await inference.speak(TEXT, seed=3)
    resampled = await inference.speak(TEXT, seed=3, sample_rate_hertz=48_000)
    assert resampled[0].format.sample_rate_hertz == 48_000
    assert len(pcm_of(resampled)) == pytest.approx(3 * len(pcm_of(parts)), abs=16)
    marks = [part.sentence.sample_offset for part in parts if part.HasField("sentence")]
    moved = [part.sentence.sample_offset for part in resampled if part.HasField("sentence")]
    assert moved == [3 * offset for offset in marks]


async def test_audio_ends_at_its_longest_length(inference: Inference) -> None:
    parts = await inference.speak(TEXT, max_audio_seconds=2.5)
    assert len(pcm_of(parts)) == 2 * RATE * 2.5
    assert parts[-1].summary.finish_reason == pb.FINISH_REASON_MAX_LENGTH
    assert inference.is_at_rest


async def test_an_engine_that_goes_on_too_long_is_stopped(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.ignores_limits = True
    async with inference_service(tmp_path, engine=engine) as inference:
        parts = await inference.speak("A rather long sentence to speak.", max_audio_seconds=0.5)
        assert len(pcm_of(parts)) == RATE
        assert parts[-1].summary.finish_reason == pb.FINISH_REASON_MAX_LENGTH
        assert parts[-1].summary.token_count == 10  # two for each tenth of a second


async def test_a_sentence_without_an_end_is_told_and_the_others_are_whole(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.finish_reason = FinishReason.RUNAWAY
    async with inference_service(tmp_path, engine=engine) as inference:
        parts = await inference.speak(TEXT)
        assert parts[-1].summary.finish_reason == pb.FINISH_REASON_RUNAWAY
        assert len(engine.opened) == parts[-1].summary.sentence_count > 1


async def test_a_reader_who_is_far_behind_stops_the_next_sentence(tmp_path: Path) -> None:
    """The transport takes 64 KiB, two seconds; the rest is not made before somebody reads."""
    text = " ".join(f"This is the sentence with the number {n}." for n in range(1_000))
    async with inference_service(tmp_path, pace=Pace(max_lead_seconds=1.0)) as inference:
        call = inference.stub.StreamSpeech(pb.StreamSpeechRequest(text=text))
        counts: list[int] = []

        def rests() -> bool:
            counts.append(len(inference.engine.opened) if inference.models.engines else 0)
            return counts[-1] > 0 and len(counts) > 20 and len(set(counts[-20:])) == 1

        await call.read()
        await eventually(rests)
        assert counts[-1] < 10
        assert inference.pool.loaded[0].admission.active_count == 0
        while counts[-1] < 20:
            await call.read()
            counts.append(len(inference.engine.opened))
        call.cancel()


async def test_streams_do_not_hear_each_other(inference: Inference) -> None:
    texts = [f"This is the speaker with the number {number}." for number in range(12)]
    alone = [pcm_of(await inference.speak(text, seed=n)) for n, text in enumerate(texts)]
    together = await asyncio.gather(
        *(inference.speak(text, seed=n) for n, text in enumerate(texts))
    )
    assert [pcm_of(parts) for parts in together] == alone
    assert inference.engine.most_open_count == inference.engine.slot_count
    await eventually(lambda: inference.is_at_rest)


async def test_a_version_that_takes_over_drops_no_stream(tmp_path: Path) -> None:
    async with inference_service(tmp_path) as inference:
        alone = pcm_of(await inference.speak(TEXT, seed=1))
        old = inference.engine
        old.going.clear()
        running = asyncio.create_task(inference.speak(TEXT, seed=1))
        await eventually(lambda: old.open_streams)
        inference.models.descriptions.append(described("joe", "2"))
        await inference.pool.take_newer_versions()
        new = await inference.speak(TEXT, seed=1)
        assert new[0].format.model_version == "2"
        assert not old.is_closed
        old.going.set()
        parts = await running
        assert parts[0].format.model_version == "1"
        assert pcm_of(parts) == alone
        await eventually(lambda: old.is_closed)
