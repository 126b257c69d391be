"""Registers what already lies in the store, such as a dropped video, as a recording."""

from services.chassis.artifacts import ArtifactStore, key_of
from services.chassis.blobs import Blob
from services.chassis.errors import NotFoundError
from services.media.intake import Intake


async def register(store: ArtifactStore, intake: Intake, source_uri: str) -> Blob:
    """Copies the object to a recording and leaves the object where it is.

    Raises NotFoundError when there is no such object, InvalidInputError when it is empty or too
    large.
    """
    key = key_of(source_uri, field="source_uri")
    found = await store.stat(key)
    if found is None:
        message = f"There is no artifact {source_uri}: check the name, or drop the file again."
        raise NotFoundError(message, reason="ARTIFACT_NOT_FOUND", field="source_uri")
    blob = await intake.take(store.stream(key), expected_bytes=found.size_bytes, field="source_uri")
    if blob is None:
        raise RuntimeError("no hash was asked for")
    return blob


def display_name_of(source_uri: str) -> str:
    """Returns the last part of an artifact's URI, as people wrote it."""
    return key_of(source_uri, field="source_uri").rsplit("/", 1)[-1]
