"""One slim image, built and started by itself: what CI has time for."""

import uuid
from collections.abc import Iterator

import pytest

from services.chassis.settings import STORE_EXAMPLES
from tests.containers.alone import CONFINED, started_with
from tests.containers.engine import docker, inspect
from tests.eventually import eventually

COMPONENT = "dataset"


@pytest.fixture
def container(image: str) -> Iterator[str]:
    """The service, which serves RPCs without NATS and keeps artifacts in its own folder."""
    name = f"tts-trainer-test-{uuid.uuid4().hex[:8]}"
    store = "TTSTRAINER_STORE_URL=file:///scratch/store"
    options = ("--tmpfs", "/scratch:uid=10001,gid=10001", "--health-interval", "1s", "--env", store)
    docker("run", "--detach", "--name", name, *CONFINED, *options, image)
    yield name
    docker("rm", "--force", "--volumes", name)


async def test_it_becomes_healthy_and_stops_in_good_order(container: str) -> None:
    await eventually(
        lambda: inspect(container)["State"]["Health"]["Status"] == "healthy",
        within_seconds=60,
        every_seconds=0.5,
    )
    docker("stop", "--time", "30", container)
    assert inspect(container)["State"]["ExitCode"] == 0


def test_it_is_slim(image: str) -> None:
    assert inspect(image)["Size"] < 300_000_000


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ((), "dataset: TTSTRAINER_DATASET_STORE_URL (or TTSTRAINER_STORE_URL) is not set"),
        (
            ("TTSTRAINER_STORE_URL=file:///scratch/store", "TTSTRAINER_DATASET_PORT=many"),
            'dataset: TTSTRAINER_DATASET_PORT: "many" is not a valid integer',
        ),
        (
            ("TTSTRAINER_STORE_URL=ftp://there",),
            f'dataset: TTSTRAINER_STORE_URL: "ftp://there": must look like {STORE_EXAMPLES}',
        ),
    ],
)
def test_a_missing_or_wrong_setting_ends_it_with_one_line(
    image: str, settings: tuple[str, ...], line: str
) -> None:
    ended = started_with(image, settings)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr == f"{line}\n"
