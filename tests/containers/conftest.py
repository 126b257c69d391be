"""One engine, one set of images and one stack for all tests of the containers."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers.alone import make_image
from tests.containers.compose import ComposeStack, wait_until_healthy
from tests.containers.engine import ROOT, answers, make_images, switch_engine
from tests.containers.figures import FIGURES, note_figure

TAG = "test"
PROJECT = "tts-trainer-test"
OVERLAYS = ["observability"]
WITHOUT = {"grafana"}  # no package registry has it, so there is nothing to make a stand-in from
SETTINGS = """
TTSTRAINER_TRANSCRIPTION_MODEL=tiny.en
TTSTRAINER_TRANSCRIPTION_ALLOW_DOWNLOADS=false
TTSTRAINER_ACK_WAIT_SECONDS=3
TTSTRAINER_PIPELINE_REST_SECONDS=2
TTSTRAINER_PIPELINE_QUIET_SECONDS=5
"""


PATIENCE_SECONDS = 1800


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lets the first test wait for the images: they are built for it."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(PATIENCE_SECONDS))


@pytest.fixture(scope="session")
def engine() -> Iterator[None]:
    """A Docker engine that answers; ALLOW_NO_ENGINE=1 lets machines without one pass."""
    if answers():
        yield
        return
    if not switch_engine("start"):
        problem = "no Docker engine could be started: see above"
        pytest.skip(problem) if os.environ.get("ALLOW_NO_ENGINE") == "1" else pytest.fail(problem)
    yield
    switch_engine("stop")


@pytest.fixture(scope="session")
def images(engine: None) -> str:
    """The images of all components, and their tag."""
    make_images(tag=TAG)
    return TAG


@pytest.fixture(scope="module")
def image(request: pytest.FixtureRequest, engine: None) -> str:
    """The image of the component that the module is about, its COMPONENT, by itself."""
    return make_image(request.module.COMPONENT)


@pytest.fixture(scope="session")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of this machine that is mounted for drops; the services are another user."""
    folder = tmp_path_factory.mktemp("inbox")
    for each in (folder, *folder.parents[:2]):
        each.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def environment_file(tmp_path_factory: pytest.TempPathFactory, images: str, inbox: Path) -> Path:
    """A `.env` with random passwords and the settings of the tests."""
    secrets = subprocess.run(
        [ROOT / "deploy" / "compose" / "new-env.sh"], capture_output=True, text=True, check=True
    )
    path = tmp_path_factory.mktemp("env") / ".env"
    path.write_text(f"{secrets.stdout}\n{SETTINGS}\nIMAGE_TAG={images}\nINBOX={inbox}\n")
    return path


@pytest.fixture(scope="session")
def stack(environment_file: Path) -> Iterator[ComposeStack]:
    """The product, up and healthy; gone without a trace at the end."""
    running = ComposeStack(PROJECT, environment_file, OVERLAYS)
    running.down()
    start = time.monotonic()
    try:
        running.run("up", "--detach", "--no-build", *sorted(running.services() - WITHOUT))
        wait_until_healthy(running)
        note_figure(f"from up to healthy: {time.monotonic() - start:.1f} s")
        yield running
    finally:
        running.down()
    assert running.leftovers() == ""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what was measured on the way."""
    for figure in FIGURES:
        terminalreporter.write_line(f"measured: {figure}")
