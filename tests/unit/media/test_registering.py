"""Objects that already lie in the store become recordings."""

from pathlib import Path

import pytest

from services.chassis.errors import InvalidInputError, NotFoundError
from services.media.intake import Intake
from services.media.registering import display_name_of, register
from tests.fakes.artifacts import InMemoryArtifacts


@pytest.fixture
def store() -> InMemoryArtifacts:
    return InMemoryArtifacts()


@pytest.fixture
def intake(store: InMemoryArtifacts, tmp_path: Path) -> Intake:
    return Intake(store, tmp_path, max_bytes=1000)


async def test_a_dropped_file_is_copied_and_stays_in_the_inbox(
    store: InMemoryArtifacts, intake: Intake
) -> None:
    await store.write("inbox/ada/talk.mp4", b"film")
    blob = await register(store, intake, "artifact://inbox/ada/talk.mp4")
    assert store.objects == {"inbox/ada/talk.mp4": b"film", blob.key: b"film"}


async def test_an_empty_drop_is_refused_with_a_reason(
    store: InMemoryArtifacts, intake: Intake
) -> None:
    await store.write("inbox/ada/talk.mp4", b"")
    with pytest.raises(InvalidInputError, match="The file is empty"):
        await register(store, intake, "artifact://inbox/ada/talk.mp4")


async def test_a_drop_that_grows_past_the_limit_while_it_is_read_is_refused(
    store: InMemoryArtifacts, intake: Intake
) -> None:
    class Growing(InMemoryArtifacts):
        async def read(self, key: str) -> bytes:
            return bytes(2000)

    growing = Growing()
    await growing.write("inbox/talk.mp4", b"small")
    with pytest.raises(InvalidInputError) as raised:
        await register(growing, intake, "artifact://inbox/talk.mp4")
    assert raised.value.reason == "FILE_TOO_LARGE"


@pytest.mark.parametrize(
    "uri", ["/etc/passwd", "file:///etc/passwd", "artifact://../secret", "http://host/x", ""]
)
async def test_only_artifacts_can_be_registered(
    store: InMemoryArtifacts, intake: Intake, uri: str
) -> None:
    with pytest.raises(InvalidInputError) as raised:
        await register(store, intake, uri)
    assert raised.value.field == "source_uri"


async def test_what_is_not_there_is_not_found(store: InMemoryArtifacts, intake: Intake) -> None:
    with pytest.raises(NotFoundError, match="drop the file again"):
        await register(store, intake, "artifact://inbox/nothing.mp4")


def test_the_name_for_people_is_the_last_part_of_the_uri() -> None:
    assert display_name_of("artifact://inbox/ada/my%20t%C3%A4lk%22.mp4") == 'my tälk".mp4'
