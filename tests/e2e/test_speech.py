"""From a recorded consent to a cloned voice that speaks, and falls silent: all by the command."""

import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import speech
from tests.e2e.command import Ended, tts_trainer
from tests.e2e.stack import RunningStack, standing_stack
from tests.e2e.talks import sentences
from tests.models.tiny_xtts import TINY, write_xtts

TEXT = "All circuits are busy now. Please try your call again later."
SPEAKER = "Allison Smith"

Run = Callable[..., Ended]

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def speaking_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A stack with a model that can clone: a tiny XTTS, whose speech nobody understands."""
    models = tmp_path_factory.mktemp("models")
    write_xtts(models / "tiny", TINY)
    settings = {
        "TTSTRAINER_INFERENCE_MODELS_DIR": str(models),
        "TTSTRAINER_TRANSCRIPTION_MODEL": "tiny.en",
    }
    with standing_stack(tmp_path_factory.mktemp("speaking") / "home", settings) as running:
        yield running


@pytest.fixture
def run(speaking_stack: RunningStack) -> Run:
    """Runs a command to its end."""
    return lambda *arguments: tts_trainer(*arguments, home=speaking_stack.home)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds of somebody who speaks."""
    talk = speech.talk([path for path, _ in sentences()[:3]], gap_seconds=0.3)
    return speech.save(tmp_path_factory.mktemp("references") / "allison.wav", talk)


@pytest.mark.parametrize(
    ("name", "beginning"), [("out.wav", b"RIFF"), ("out.mp3", b"ID3"), ("out.ogg", b"OggS")]
)
def test_a_text_becomes_a_file(run: Run, tmp_path: Path, name: str, beginning: bytes) -> None:
    ended = run("inference", "--text", TEXT, "--output", tmp_path / name, "--seed", "7")
    assert ended.result["voice_id"] == "joe"
    assert ended.result["synthetic"] is True
    assert (tmp_path / name).read_bytes().startswith(beginning)


def test_the_same_seed_gives_the_same_audio(run: Run, tmp_path: Path) -> None:
    spoken = []
    for name in ("one.wav", "two.wav"):
        run("inference", "--text", TEXT, "--output", tmp_path / name, "--seed", "7")
        with wave.open(str(tmp_path / name)) as read:
            spoken.append(read.readframes(read.getnframes()))
    assert spoken[0] == spoken[1]
    assert len(spoken[0]) > 100_000


def test_what_cannot_be_spoken_is_refused(run: Run, tmp_path: Path) -> None:
    output = tmp_path / "out.wav"
    assert run("inference", "--text", "!?", "--output", output).exit_code == 2
    nobody = run("inference", "--text", TEXT, "--output", output, "--voice", "nobody")
    assert nobody.exit_code == 1
    assert "nobody" in nobody.error["message"]
    assert not output.exists()


def test_a_recorded_consent_is_heard(run: Run, tmp_path: Path) -> None:
    words = run("consents", "statement", "--speaker", SPEAKER).result["statement"]
    recording = tmp_path / "statement.wav"
    run("inference", "--text", words, "--output", recording, "--seed", "3")
    said = ("consents", "grant", "--speaker", SPEAKER, "--statement", recording)
    granted = run(*said).result
    assert granted["evidence"]["match_ratio"] >= 0.8
    assert granted["evidence"]["audio_uri"].startswith("artifact://")


def test_a_recording_that_says_something_else_is_no_consent(run: Run, reference: Path) -> None:
    ended = run("consents", "grant", "--speaker", SPEAKER, "--statement", reference)
    assert ended.exit_code == 2


def test_a_voice_is_cloned_speaks_and_falls_silent(
    run: Run, reference: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.wav"
    without = run("voices", "create", "allison", "--reference", reference)
    assert without.exit_code == 2
    assert "consent of the person" in without.error["message"]

    word = ("--speaker", SPEAKER, "--i-have-consent")
    created = run("voices", "create", "allison", "--reference", reference, *word).result
    assert created["state"] == "VOICE_STATE_READY"
    assert created["model"] == "tiny", "the one that clones and needs no licence"
    listed = run("voices", "list").result["voices"]
    assert {"allison", "joe"} <= {voice["voice_id"] for voice in listed}
    alike = run("voices", "compare", "allison", str(reference)).result
    assert alike["verdict"] == "LIKENESS_VERDICT_SAME"
    said = ("inference", "--text", "Hello there.", "--output", output, "--voice", "allison")
    spoken = run(*said)
    assert spoken.result["model"] == "tiny"
    assert spoken.exit_code in {0, 3}, "random weights may not find the end of a sentence"

    withdrawn = run("consents", "withdraw", created["consent_id"], "--reason", "over", "--yes")
    assert withdrawn.result["withdrawn_voice_ids"] == ["allison"]
    silent = run(*said)
    assert silent.exit_code == 1
    assert silent.error["reason"] == "VOICE_WITHDRAWN"
    assert run("voices", "delete", "allison").exit_code == 2, "nobody was there to ask"
    assert run("voices", "delete", "allison", "--yes").result["removed_object_count"] > 0
    assert run("voices", "show", "allison").exit_code == 1


def test_models_are_loaded_and_unloaded(run: Run) -> None:
    assert run("engines", "load", "tiny").result["state"] == "MODEL_STATE_LOADED"
    models = {each["name"]: each for each in run("engines", "list").result["models"]}
    assert models["tiny"]["can_clone"] is True
    assert int(run("engines", "unload", "tiny").result["freed_bytes"]) > 0
