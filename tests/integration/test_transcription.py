"""Transcription with the real Whisper (tiny.en, base) on real recorded prompts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from services.chassis.blobs import add_bytes, add_file, add_message, read_message
from services.chassis.errors import InvalidInputError
from services.chassis.steps import StepResults
from services.chassis.storage.local_artifacts import LocalArtifacts
from services.speech.text import corpus_word_error_rate
from services.speech.vad import SileroVad
from services.transcription.model_catalogue import ModelCatalogue
from services.transcription.recognisers import Recognisers
from services.transcription.recognition import (
    SAMPLE_RATE_HERTZ,
    Decoding,
    RecogniserDescription,
    Samples,
)
from services.transcription.settings import TranscriptionSettings
from services.transcription.transcribing import Transcriber
from services.transcription.verifying import Verifier
from services.transcription.whisper import WhisperRecogniser
from tests.speech import load, noise, prompts, save, silence
from ttstrainer.audio_qc.v1 import audio_qc_service_pb2 as qc
from ttstrainer.transcription.v1 import transcription_service_pb2 as pb

LONGEST_SECONDS = 8.0
PAD = silence(0.15)


def chosen(language: str, count: int) -> list[tuple[Samples, str]]:
    """Prompts from all over the alphabet, each with a little silence around it."""
    short = [
        (path, text)
        for path, text in prompts(language)
        if path.stat().st_size < LONGEST_SECONDS * 8000
    ]
    picked = short[:: len(short) // count][:count]
    return [(np.concatenate([PAD, load(path), PAD]), text) for path, text in picked]


@dataclass(frozen=True)
class Scribe:
    """The use cases over a real store and real models."""

    store: LocalArtifacts
    transcriber: Transcriber
    verifier: Verifier
    folder: Path

    async def add(self, clips: Sequence[Samples]) -> tuple[str, str]:
        """Keeps the clips as one recording; returns the URIs of the audio and of the clip set."""
        audio = await add_file(
            self.store, save(self.folder / "audio.wav", np.concatenate(clips), SAMPLE_RATE_HERTZ)
        )
        ends = np.cumsum([len(clip) for clip in clips]).tolist()
        clip_set = qc.ClipSet(
            recording_id="rec",
            sample_rate_hertz=SAMPLE_RATE_HERTZ,
            clips=[
                qc.Clip(
                    clip_id=f"rec-{start}",
                    start_sample=start,
                    end_sample=end,
                    verdict=qc.VERDICT_ACCEPTED,
                )
                for start, end in pairwise([0, *ends])
            ],
        )
        return audio.uri, (await add_message(self.store, clip_set)).uri

    async def transcribe(
        self, clips: Sequence[Samples], **fields: str
    ) -> tuple[str, pb.Transcript, list[pb.ClipTranscript]]:
        """Returns the audio's URI, the transcript, and its clips."""
        audio, clip_set = await self.add(clips)
        request = pb.TranscribeAudioRequest(
            recording_id="rec", audio_uri=audio, clips_uri=clip_set, **fields
        )
        transcript = await self.transcriber.transcribe(request, lambda _: None, lambda _: None)
        document = await read_message(self.store, transcript.transcript_uri, pb.TranscriptDocument)
        return audio, transcript, list(document.clips)

    async def verify(self, audio: str, transcript: pb.Transcript) -> list[list[str]]:
        """Returns the codes of the reasons against each clip, as English is wanted."""
        request = pb.VerifyTranscriptRequest(
            recording_id="rec",
            audio_uri=audio,
            transcript_uri=transcript.transcript_uri,
            language_code="en",
        )
        verified = await self.verifier.verify(request, lambda _: None)
        document = await read_message(self.store, verified.verdicts_uri, pb.VerdictDocument)
        return [[reason.code for reason in clip.reasons] for clip in document.clips]


@pytest.fixture(scope="module")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def tiny(models_dir: Path) -> WhisperRecogniser:
    found = ModelCatalogue(models_dir, allow_downloads=False).find("tiny.en")
    description = RecogniserDescription("tiny.en", found.sha256, "cpu", "int8")
    return WhisperRecogniser(found.path, description, cpu_thread_count=1)


@pytest.fixture(scope="module")
def recognisers(models_dir: Path) -> Iterator[Recognisers]:
    shared = Recognisers(
        ModelCatalogue(models_dir, allow_downloads=False),
        lambda folder, description: WhisperRecogniser(folder, description, cpu_thread_count=1),
        default_model="tiny.en",
        device="cpu",
        compute_type="int8",
        capacity=2,
    )
    yield shared
    shared.close()


@pytest.fixture
def scribe(recognisers: Recognisers, tmp_path: Path) -> Scribe:
    settings = TranscriptionSettings(store_url="file:///unused", model="tiny.en")
    store = LocalArtifacts(tmp_path / "store")
    steps = StepResults(store)
    return Scribe(
        store,
        Transcriber(store, steps, recognisers, SileroVad(), settings),
        Verifier(store, steps, recognisers, settings),
        tmp_path,
    )


def test_batches_lose_nothing_that_sequential_decoding_hears(tiny: WhisperRecogniser) -> None:
    spoken = chosen("en", 16)
    texts = [text for _, text in spoken]
    batched = tiny.recognise([cut for cut, _ in spoken], "en", Decoding())
    alone = [tiny.recognise_alone(cut, "en", Decoding()) for cut, _ in spoken]
    assert all(recognition.text for recognition in batched)
    words = sum(len(recognition.words) for recognition in batched)
    assert words >= 0.98 * sum(len(recognition.words) for recognition in alone)
    rate = corpus_word_error_rate(texts, [each.text for each in batched], language="en")
    sequential = corpus_word_error_rate(texts, [each.text for each in alone], language="en")
    assert rate <= sequential + 0.02
    assert rate <= 0.08


def test_the_result_depends_neither_on_the_batch_nor_on_the_threads(
    tiny: WhisperRecogniser, models_dir: Path
) -> None:
    cuts = [cut for cut, _ in chosen("en", 8)]
    together = tiny.recognise(cuts, "en", Decoding())
    apart = [tiny.recognise([cut], "en", Decoding())[0] for cut in cuts]
    for one, other in zip(together, apart, strict=True):
        assert [(w.text, w.start_seconds, w.end_seconds) for w in one.words] == [
            (w.text, w.start_seconds, w.end_seconds) for w in other.words
        ]
        assert one.confidence == pytest.approx(other.confidence, abs=2e-3)
    folder = ModelCatalogue(models_dir, allow_downloads=False).find("tiny.en").path
    threaded = WhisperRecogniser(folder, tiny.description, cpu_thread_count=2)
    assert threaded.recognise(cuts, "en", Decoding()) == together


def test_word_times_are_plain_floats_in_order_inside_the_clip(tiny: WhisperRecogniser) -> None:
    ((cut, _),) = chosen("en", 1)
    (recognition,) = tiny.recognise([cut], "en", Decoding())
    times = [t for word in recognition.words for t in (word.start_seconds, word.end_seconds)]
    assert {type(time) for time in times} == {float}
    assert times == sorted(times)
    assert 0 <= times[0] <= times[-1] <= len(cut) / SAMPLE_RATE_HERTZ


async def test_clean_speech_is_accepted_and_its_text_is_right(scribe: Scribe) -> None:
    spoken = chosen("en", 16)
    audio, transcript, clips = await scribe.transcribe([cut for cut, _ in spoken])
    assert transcript.recogniser.model_sha256.startswith("1a5afae0")
    verdicts = await scribe.verify(audio, transcript)
    kept = [
        (text, clip.text)
        for (_, text), clip, reasons in zip(spoken, clips, verdicts, strict=True)
        if not reasons
    ]
    assert len(kept) >= 14
    assert corpus_word_error_rate(*zip(*kept, strict=True), language="en") <= 0.06


async def test_a_clip_that_is_too_long_for_one_window_comes_back_whole(scribe: Scribe) -> None:
    spoken = chosen("en", 12)
    whole = np.concatenate([cut for cut, _ in spoken])
    assert len(whole) > 32 * SAMPLE_RATE_HERTZ
    _, _, (clip,) = await scribe.transcribe([whole])
    assert len(clip.segments) > 1
    text = " ".join(text for _, text in spoken)
    assert corpus_word_error_rate([text], [clip.text], language="en") <= 0.12


async def test_silence_and_noise_are_no_speech_and_nothing_is_made_up(scribe: Scribe) -> None:
    audio, transcript, clips = await scribe.transcribe(
        [silence(4), noise(4, rms=0.001), noise(4, rms=0.05), noise(4, rms=0.2)]
    )
    assert [clip.text for clip in clips] == ["", "", "", ""]
    assert transcript.clip_count == 0
    assert await scribe.verify(audio, transcript) == [["NO_SPEECH"]] * 4


async def test_an_english_only_model_refuses_another_language(scribe: Scribe) -> None:
    spoken = chosen("en", 1)
    with pytest.raises(InvalidInputError, match=r"tiny\.en.*does not know the language 'es'"):
        await scribe.transcribe([spoken[0][0]], language_code="es")


async def test_italian_is_rejected_where_english_is_wanted_and_told_by_its_name(
    scribe: Scribe,
) -> None:
    clips = [cut for cut, _ in chosen("it", 6)]
    audio, transcript, _ = await scribe.transcribe(clips, language_code="en")
    verdicts = await scribe.verify(audio, transcript)
    assert all(verdicts)
    assert sum("WRONG_LANGUAGE" in reasons for reasons in verdicts) >= 5


async def test_a_multilingual_model_detects_the_language_of_a_recording(scribe: Scribe) -> None:
    clips = [cut for cut, _ in chosen("it", 4)]
    _, transcript, found = await scribe.transcribe(clips, model="base")
    assert transcript.language_code == "it"
    assert transcript.language_probability > 0.9
    assert [clip.language_code for clip in found] == ["it"] * 4


@pytest.mark.parametrize("style", ["srt", "vtt"])
async def test_subtitles_late_by_a_second_fit_their_clips_and_a_wrong_cue_is_caught(
    scribe: Scribe, style: str
) -> None:
    spoken = chosen("en", 8)
    ends = np.cumsum([len(cut) for cut, _ in spoken]) / SAMPLE_RATE_HERTZ
    texts = [text for _, text in spoken]
    texts[3] = "This is what somebody wrote into the wrong place of the file."
    file = subtitles(style, [0.0, *ends], texts, late_seconds=1.0)
    uri = (await add_bytes(scribe.store, file.encode())).uri
    audio, transcript, clips = await scribe.transcribe(
        [cut for cut, _ in spoken], subtitles_uri=uri
    )
    assert transcript.from_subtitles
    assert [clip.text for clip in clips][:3] == [" ".join(text.split()) for text in texts[:3]]
    verdicts = await scribe.verify(audio, transcript)
    assert "SUBTITLE_MISMATCH" in verdicts[3]
    assert sum(1 for reasons in verdicts if not reasons) >= 6


def subtitles(
    style: str, bounds: Sequence[float], texts: Sequence[str], *, late_seconds: float
) -> str:
    mark = "," if style == "srt" else "."
    blocks = ["WEBVTT\n"] if style == "vtt" else []
    for index, ((start, end), text) in enumerate(zip(pairwise(bounds), texts, strict=True)):
        times = [
            f"00:{int(t // 60):02d}:{int(t % 60):02d}{mark}{int(t % 1 * 1000):03d}"
            for t in (start + late_seconds, end + late_seconds)
        ]
        blocks.append(f"{index + 1}\n{times[0]} --> {times[1]}\n{text}\n")
    return "\n".join(blocks)
