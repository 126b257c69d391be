"""Speech, voices, models and consents for somebody who has nothing but grpcurl."""

import base64
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests import speech
from tests.e2e.grpcurl import SPEECH, Grpcurl, Json
from tests.e2e.stack import RunningStack
from tests.e2e.talks import sentences

TEXT = "All circuits are busy now. Please try your call again later."
CLONING = {"speaker_name": "Allison", "purposes": ["CONSENT_PURPOSE_CLONING"]}

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def grpcurl(stack: RunningStack) -> Grpcurl:
    return Grpcurl(stack)


@pytest.mark.parametrize("service", SPEECH)
def test_each_service_lists_and_describes_itself(grpcurl: Grpcurl, service: str) -> None:
    assert {SPEECH[service], "grpc.health.v1.Health"} <= set(grpcurl.ask(service, "list").split())
    for method in grpcurl.methods(service):
        assert "rpc " in grpcurl.ask(service, "describe", method)


def test_a_text_is_spoken_as_a_stream_of_chunks_without_gaps(grpcurl: Grpcurl) -> None:
    request = {"text": TEXT, "options": {"seed": "7"}}
    parts = [each["part"] for each in grpcurl.stream("inference", "StreamSpeech", request)]
    form, *middle, last = parts
    assert form["format"]["synthetic"] is True
    assert form["format"]["voice_id"] == "joe"
    samples = heard(middle)
    seconds = len(samples) / form["format"]["sample_rate_hertz"]
    assert last["summary"]["finish_reason"] == "FINISH_REASON_COMPLETE"
    assert last["summary"]["audio_seconds"] == pytest.approx(seconds)
    assert 2 < seconds < 10
    assert np.abs(samples).max() > 3000
    marks = [each["sentence"] for each in middle if "sentence" in each]
    assert [TEXT[mark.get("text_offset", 0) :][:3] for mark in marks] == ["All", "Ple"]


def test_a_text_that_is_written_meanwhile_is_spoken_too(grpcurl: Grpcurl) -> None:
    pieces = [{"text": TEXT[start : start + 7]} for start in range(0, len(TEXT), 7)]
    options = {"options": {"voice_id": "joe"}}
    parts = grpcurl.stream(
        "inference", "StreamSpeechFromText", options, *pieces[:3], {"flush": {}}, *pieces[3:]
    )
    marks = [each["part"]["sentence"] for each in parts if "sentence" in each["part"]]
    assert TEXT[: marks[0]["text_length"]].strip() == "All circuits are busy"
    assert len(marks) == parts[-1]["part"]["summary"]["sentence_count"] >= 2


def test_a_text_becomes_a_file(grpcurl: Grpcurl) -> None:
    request = {"text": TEXT, "file_format": "FILE_FORMAT_FLAC"}
    answer = grpcurl.call("inference", "SynthesizeSpeech", request)
    assert base64.b64decode(answer["audio"]).startswith(b"fLaC")
    assert answer["media_type"] == "audio/flac"
    stored = grpcurl.call("inference", "SynthesizeSpeech", request | {"store": True})
    assert stored["audio_uri"].startswith("artifact://")


def test_models_are_listed_loaded_and_unloaded(grpcurl: Grpcurl) -> None:
    loaded = grpcurl.call("engines", "LoadModel", {"name": "joe"})["model"]
    assert loaded["state"] == "MODEL_STATE_LOADED"
    listed = grpcurl.call("engines", "ListModels")
    assert int(listed["used_memory_bytes"]) >= int(loaded["memory_bytes"]) > 0
    freed = grpcurl.call("engines", "UnloadModel", {"name": "joe"})
    assert int(freed["freed_bytes"]) > 0


def test_a_consent_is_granted_shown_and_withdrawn(grpcurl: Grpcurl) -> None:
    words = grpcurl.call("consents", "GetStatement", {"speaker_name": "Allison"})["statement"]
    granted = grpcurl.call("consents", "GrantConsent", CLONING | {"text_statement": words})
    this = {"consent_id": granted["consent"]["consent_id"]}
    assert grpcurl.call("consents", "GetConsent", this)["consent"] == granted["consent"]
    assert granted["consent"] in grpcurl.call("consents", "ListConsents")["consents"]
    withdrawn = grpcurl.call("consents", "WithdrawConsent", this | {"reason": "over"})["consent"]
    assert withdrawn["withdraw_time"]


def test_voices_are_listed_compared_and_heard(grpcurl: Grpcurl, tmp_path: Path) -> None:
    voices = grpcurl.call("voices", "ListVoices")["voices"]
    assert "VOICE_ORIGIN_BUILT_IN" in {voice["origin"] for voice in voices}
    joe = grpcurl.call("voices", "GetVoice", {"voice_id": "joe"})["voice"]
    assert joe in voices
    preview = base64.b64decode(grpcurl.call("voices", "PreviewVoice", {"voice_id": "joe"})["audio"])
    assert preview.startswith(b"RIFF")
    compared = grpcurl.call(
        "voices",
        "CompareVoices",
        {"first": {"voice_id": "joe"}, "second": {"audio": spoken_by_allison(tmp_path)}},
    )
    assert compared["verdict"] == "LIKENESS_VERDICT_DIFFERENT"


@pytest.mark.parametrize(
    ("method", "request_", "code", "said"),
    [
        ("StreamSpeech", {"text": ""}, "InvalidArgument", "text"),
        ("StreamSpeech", {"text": "a" * 100_000}, "InvalidArgument", "characters"),
        ("StreamSpeech", {"text": "x", "options": {"voice_id": "nobody"}}, "NotFound", "nobody"),
        (
            "SynthesizeSpeech",
            {"text": "x", "options": {"language_code": "tlh"}},
            "InvalidArgument",
            "tlh",
        ),
    ],
)
def test_what_cannot_be_spoken_is_refused_in_words(
    grpcurl: Grpcurl, method: str, request_: Json, code: str, said: str
) -> None:
    refusal = grpcurl.refusal("inference", method, request_)
    assert f"Code: {code}" in refusal
    assert re.search(said, refusal)


def test_a_voice_without_a_consent_is_refused(grpcurl: Grpcurl) -> None:
    refusal = grpcurl.refusal("voices", "CreateVoice", {"header": {"voice_id": "allison"}})
    assert "Code: FailedPrecondition" in refusal or "Code: InvalidArgument" in refusal


def heard(parts: Sequence[Json]) -> np.ndarray:
    """Returns the samples of the chunks, which follow each other without gaps."""
    chunks = [part["chunk"] for part in parts if "chunk" in part]
    numbers = [int(chunk.get("sequence_number", 0)) for chunk in chunks]
    assert numbers == list(range(len(chunks)))
    samples: list[np.ndarray] = []
    for chunk in chunks:
        assert int(chunk.get("sample_offset", 0)) == sum(map(len, samples))
        samples.append(np.frombuffer(base64.b64decode(chunk["pcm"]), "<i2"))
    return np.concatenate(samples)


def spoken_by_allison(folder: Path) -> str:
    """Returns an audio file of recorded prompts, as JSON holds bytes."""
    talk = speech.talk([path for path, _ in sentences()[:2]], gap_seconds=0.2)
    return base64.b64encode(speech.save(folder / "allison.wav", talk).read_bytes()).decode()
