"""Every RPC answers somebody who has nothing but grpcurl, and the README's examples work."""

import base64
import hashlib
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.services import ALL, TO_A_DATASET
from tests import speech
from tests.e2e.grpcurl import PROGRAM, SERVICES, Grpcurl, Json
from tests.e2e.stack import ROOT, RunningStack
from tests.e2e.talks import GAP_SECONDS, sentences

CHUNK_BYTES = 60_000

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def grpcurl(stack: RunningStack) -> Grpcurl:
    return Grpcurl(stack)


@pytest.fixture(scope="module")
def recording(grpcurl: Grpcurl, tmp_path_factory: pytest.TempPathFactory) -> Json:
    """Sends a recording in several messages, and returns what the media service calls it."""
    paths = [path for path, _ in sentences()[36:38]]
    path = tmp_path_factory.mktemp("sent") / "talk.wav"
    content = speech.save(path, speech.talk(paths, gap_seconds=GAP_SECONDS)).read_bytes()
    header = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_bytes": len(content),
        "display_name": "talk.wav",
    }
    chunks = [{"chunk": chunk} for chunk in _chunks(content)]
    assert len(chunks) > 2
    sent = grpcurl.call("media", "ImportRecording", {"header": header}, *chunks)
    found: Json = sent["recording"]
    assert found["recording_id"] == header["sha256"]
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_lists_and_describes_itself(grpcurl: Grpcurl, service: str) -> None:
    name = SERVICES[service]
    assert {name, "grpc.health.v1.Health"} <= set(grpcurl.ask(service, "list").split())
    assert f"service {re.sub('.*[.]', '', name)} {{" in grpcurl.ask(service, "describe", name)
    for method in grpcurl.methods(service):
        assert "rpc " in grpcurl.ask(service, "describe", method)


def test_every_rpc_can_be_called(grpcurl: Grpcurl, recording: Json, stack: RunningStack) -> None:
    prepared = media_and_audio_qc(grpcurl, recording, stack)
    built = transcription_and_dataset(grpcurl, prepared)
    pipeline(grpcurl, recording)
    assert built["summary"]["kept_count"] > 0
    to_a_dataset = [service.name for service in TO_A_DATASET]
    assert grpcurl.called == set().union(*(grpcurl.methods(service) for service in to_a_dataset))


def media_and_audio_qc(grpcurl: Grpcurl, recording: Json, stack: RunningStack) -> Json:
    """Takes the recording to prepared audio and returns that."""
    this = {"recording_id": recording["recording_id"]}
    imported = grpcurl.call("media", "GetImport", {"sha256": this["recording_id"]})
    assert imported["complete"] is True

    # Not in the inbox, whose drops the pipeline takes.
    dropped = stack.home / "store/given/again.wav"
    dropped.parent.mkdir(parents=True)
    content = b"".join(
        base64.b64decode(piece["chunk"])
        for piece in grpcurl.stream(
            "media", "ReadArtifact", {"artifact_uri": recording["recording_uri"]}
        )
    )
    assert hashlib.sha256(content).hexdigest() == this["recording_id"]
    dropped.write_bytes(content)
    source = {"source_uri": "artifact://given/again.wav"}
    registered = grpcurl.call("media", "RegisterRecording", source)
    assert registered["recording"]["recording_id"] == this["recording_id"]
    dropped.unlink()

    media = grpcurl.call("media", "ProbeMedia", this)["media"]
    assert [stream["codec"] for stream in media["streams"]] == ["pcm_s16le"]
    extracted = grpcurl.stream("media", "ExtractAudio", this)[-1]["audio"]
    grade = grpcurl.call("audio-qc", "GradeAudio", {"audio_uri": extracted["audio_uri"]})["grade"]
    assert grade["duration_seconds"] == pytest.approx(media["duration_seconds"], abs=0.01)
    audio = {"audio_uri": extracted["audio_uri"]}
    prepared: Json = grpcurl.stream("audio-qc", "PrepareAudio", this | audio)[-1]["prepared"]
    assert prepared["accepted_count"] > 0
    return prepared


def transcription_and_dataset(grpcurl: Grpcurl, prepared: Json) -> Json:
    """Takes prepared audio to a dataset, reviews, exports, and returns the first version."""
    assert "tiny.en" in grpcurl.call("transcription", "GetModel")["installed_models"]
    clips = {name: prepared[name] for name in ("recording_id", "audio_uri", "clips_uri")}
    *segments, last = grpcurl.stream(
        "transcription", "TranscribeAudio", clips | {"model": "tiny.en", "language_code": "en"}
    )
    assert any("segment" in each for each in segments)
    text = {"transcript_uri": last["transcript"]["transcript_uri"]}
    verified = grpcurl.stream(
        "transcription", "VerifyTranscript", clips | text | {"model": "tiny.en"}
    )[-1]["verified"]
    made = clips | text | {"verdicts_uri": verified["verdicts_uri"], "display_name": "talk.wav"}
    seconds = {"duration_seconds": prepared["source_grade"]["duration_seconds"]}
    this = {"dataset_id": "curl"}
    built: Json = grpcurl.call("dataset", "BuildDataset", this | {"recordings": [made | seconds]})
    dataset: Json = built["dataset"]
    assert grpcurl.call("dataset", "GetDataset", this)["dataset"] == dataset
    assert dataset in grpcurl.call("dataset", "ListDatasets")["datasets"]
    listed = grpcurl.call("dataset", "ListClips", this | {"filter": "CLIP_FILTER_KEPT"})
    clip = {"clip_id": listed["clips"][0]["clip_id"]}
    edit = {"version": 1, "edit": {"text": "Somebody has listened."}}
    reviewed = grpcurl.call("dataset", "ReviewClip", this | clip | edit)
    assert reviewed["dataset"]["version"] == 2
    assert reviewed["clip"]["text"] == "Somebody has listened."
    archive = grpcurl.stream("dataset", "ExportDataset", this)[-1]["archive"]
    assert int(archive["size_bytes"]) > 0
    assert grpcurl.call("dataset", "GetRecommendations", this)["recommendations"]
    return dataset


def pipeline(grpcurl: Grpcurl, recording: Json) -> None:
    """Starts a run, cancels it, and lets it go on to its end."""
    source = {"recording_id": recording["recording_id"], "display_name": "talk.wav"}
    # Clips of another length, so that there is work that can be cancelled.
    options = {"model": "tiny.en", "language_code": "en", "max_clip_seconds": 7}
    request = {"request_id": "once", "voice": "curl-run", "sources": [source], "options": options}
    started = grpcurl.call("pipeline", "StartRun", request)["run"]
    this = {"run_id": started["run_id"]}
    assert grpcurl.call("pipeline", "CancelRun", this)["run"]["state"] == "STATE_CANCELLED"
    assert grpcurl.call("pipeline", "StartRun", request)["run"]["run_id"] == this["run_id"]
    assert grpcurl.call("pipeline", "RetryRun", this)["run"]["state"] == "STATE_RUNNING"
    changes = grpcurl.stream("pipeline", "WatchRun", this)
    assert len(changes) > 2
    assert grpcurl.call("pipeline", "GetRun", this)["run"]["state"] == "STATE_SUCCEEDED"
    runs = grpcurl.call("pipeline", "ListRuns", {"voice": "curl-run"})["runs"]
    assert [run["run_id"] for run in runs] == [this["run_id"]]


def test_errors_say_what_is_wrong_and_what_to_do(grpcurl: Grpcurl) -> None:
    said = grpcurl.refusal("media", "ProbeMedia", {"recording_id": "0" * 64})
    assert "Code: NotFound" in said
    assert "google.rpc.ErrorInfo" in said
    said = grpcurl.refusal("dataset", "BuildDataset", {"dataset_id": "no/such name"})
    assert "Code: InvalidArgument" in said
    assert "google.rpc.BadRequest" in said
    assert "dataset_id" in said


def test_the_examples_of_the_readme_work_when_pasted(stack: RunningStack, recording: Json) -> None:
    readme = (ROOT / "README.md").read_text()
    section = readme.split("\n## gRPC\n")[1].split("\n## ")[0]
    blocks = [
        block
        for block in re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
        if "grpcurl -" in block
    ]
    assert len(blocks) >= 2
    for block in blocks:
        pasted = block.replace("<recording id>", recording["recording_id"])
        for service in ALL:
            pasted = pasted.replace(f"localhost:{service.port}", stack.address(service.name))
        ended = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", pasted],
            env={**os.environ, "PATH": f"{Path(PROGRAM).parent}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, (pasted, ended)
        assert ended.stdout


def _chunks(content: bytes) -> Iterator[str]:
    for start in range(0, len(content), CHUNK_BYTES):
        yield base64.b64encode(content[start : start + CHUNK_BYTES]).decode()
