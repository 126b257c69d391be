"""The stack that faults are put into, and the embedded one that says what must come out."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers.compose import ComposeStack, wait_until_healthy
from tests.containers.conftest import engine, inbox
from tests.containers.engine import ROOT, make_images
from tests.e2e.stack import RunningStack, standing_stack
from tests.prove.containers.proof import Proof, engine_version, revision_of
from tests.prove.containers.trials import Laboratory

TAG = "prove"
PROJECT = "tts-trainer-prove"
SEED = os.environ.get("PROVE_SEED", "2026")
REPORT = ROOT / "docs" / "proofs" / "containers.md"
SETTINGS = """
PUBLISH_ADDRESS=127.0.0.2
TTSTRAINER_TRANSCRIPTION_MODEL=tiny.en
TTSTRAINER_TRANSCRIPTION_ALLOW_DOWNLOADS=false
TTSTRAINER_ACK_WAIT_SECONDS=3
TTSTRAINER_PIPELINE_REST_SECONDS=2
TTSTRAINER_PIPELINE_QUIET_SECONDS=5
"""
__all__ = ["engine", "inbox"]  # fixtures of tests/containers

PROOF = pytest.StashKey[Proof]()
PATIENCE_SECONDS = 1800


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lets the first test wait for the images: they are built for it."""
    ours = [item for item in items if item.path.parent == Path(__file__).parent]
    for item in ours[:1]:
        item.add_marker(pytest.mark.timeout(PATIENCE_SECONDS))


@pytest.fixture(scope="session")
def standing(
    tmp_path_factory: pytest.TempPathFactory, engine: None, inbox: Path
) -> Iterator[ComposeStack]:
    """The product in containers of its own; gone without a trace at the end."""
    assert os.geteuid() == 0, "killing processes of containers and resizing disks takes root"
    if os.environ.get("PROVE_IMAGES") != "as they are":
        make_images(tag=TAG)
    secrets = subprocess.run(
        [ROOT / "deploy" / "compose" / "new-env.sh"], capture_output=True, text=True, check=True
    )
    path = tmp_path_factory.mktemp("env") / ".env"
    path.write_text(f"{secrets.stdout}\n{SETTINGS}\nIMAGE_TAG={TAG}\nINBOX={inbox}\n")
    running = ComposeStack(PROJECT, path)
    running.down()
    try:
        running.run("up", "--detach", "--no-build")
        yield running
    finally:
        running.down()
    assert running.leftovers() == ""


@pytest.fixture(scope="session")
def proof(pytestconfig: pytest.Config, standing: ComposeStack) -> Proof:
    """What is measured, for the report, which is written when the engine has ended."""
    revision = revision_of(f"tts-trainer/pipeline:{TAG}")
    return pytestconfig.stash.setdefault(PROOF, Proof(SEED, revision, engine_version()))


@pytest.fixture
def stack(standing: ComposeStack) -> Iterator[ComposeStack]:
    """The stack, healthy before each fault and after it."""
    wait_until_healthy(standing)
    yield standing
    wait_until_healthy(standing)


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """The embedded stack, to which nothing happens."""
    with standing_stack(tmp_path_factory.mktemp("embedded") / "home", {}) as running:
        yield running


@pytest.fixture
def laboratory(
    stack: ComposeStack, embedded: RunningStack, tmp_path_factory: pytest.TempPathFactory
) -> Laboratory:
    """Where trials are made."""
    return Laboratory(stack, embedded, tmp_path_factory.mktemp("trials"), SEED)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Prints what was measured; a run of all faults also writes the report."""
    proof = config.stash.get(PROOF, None)
    if proof is None:
        return
    proof.outcomes = {
        outcome: len(terminalreporter.stats.get(outcome, [])) for outcome in ("passed", "failed")
    }
    terminalreporter.write_line(proof.text())
    asked = {config.invocation_params.dir / each for each in config.args}
    if not config.option.keyword and Path(__file__).parent in asked:
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(proof.text())
