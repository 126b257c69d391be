"""The inference service's own key of S3: enough for all that speech keeps and reads."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from services.chassis.artifacts import ArtifactStore, key_of
from services.chassis.blobs import add_bytes, add_file
from services.chassis.errors import AlreadyExistsError
from services.chassis.storage.download_cache import DownloadCache
from services.chassis.storage.minio_artifacts import MinioArtifacts
from services.chassis.storage.readiness import until_usable
from services.inference.catalogue.description import ModelDescription
from services.inference.catalogue.licences import Licences
from services.inference.catalogue.stored_models import StoredModels
from services.inference.engines.engine import EngineKind
from services.inference.voices.voice import Origin, Voice
from services.inference.voices.voice_data import VoiceData, conditioning_key, preview_key
from services.inference.voices.voice_records import Record, VoiceRecords
from tests.deployed_s3 import BUCKET, DeployedS3, S3Keys
from tests.minio_server import MinioServer

pytestmark = pytest.mark.timeout(180)

VOICE = Voice("ada", "Ada", "en", "xtts_v2", Origin.CLONED, data_id="1234")
MODEL = ModelDescription(
    "xtts_v2",
    "1",
    EngineKind.XTTS,
    frozenset({"en"}),
    can_clone=True,
    sample_rate_hertz=24_000,
    licence_uri="https://coqui.ai/cpml",
)


@pytest.fixture(scope="module", params=["SeaweedFS", "MinIO"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[S3Keys]:
    """A server after its first start, of both kinds."""
    folder = tmp_path_factory.mktemp("s3")
    if request.param == "MinIO":
        minio = MinioServer(folder)
        assert minio.first_start().returncode == 0
        yield minio
        minio.stop()
    else:
        seaweed = DeployedS3(folder)
        seaweed.start()
        assert seaweed.first_start().returncode == 0
        yield seaweed
        seaweed.kill()


@pytest.fixture
def store(server: S3Keys, tmp_path: Path) -> ArtifactStore:
    """The store of the inference service."""
    return store_of(server, "inference", tmp_path)


@pytest.fixture
def others(server: S3Keys, tmp_path: Path) -> ArtifactStore:
    """The store of the other services."""
    return store_of(server, "services", tmp_path)


def store_of(server: S3Keys, who: str, scratch: Path) -> MinioArtifacts:
    return MinioArtifacts(server.client(who), BUCKET, DownloadCache(scratch, 1 << 30))


def created(record: Record) -> Voice:
    if record.voice:
        raise AlreadyExistsError("It is there.")
    return VOICE


async def test_the_service_finds_its_store_usable(store: ArtifactStore) -> None:
    await until_usable(store, patience_seconds=0)


async def test_voices_are_kept_and_removed(store: ArtifactStore, tmp_path: Path) -> None:
    records, data = VoiceRecords(store), VoiceData(store)
    await records.put("ada", created)
    assert (await VoiceRecords(store).newest("ada")).voice == VOICE
    assert await records.voice_ids() == ["ada"]
    clip = tmp_path / "clip.flac"
    clip.write_bytes(b"sound")
    uri = await data.add_reference("ada", VOICE.data_id, 0, clip)
    assert await store.read(key_of(uri)) == b"sound"
    for key in (conditioning_key(VOICE, "xtts_v2", "1"), preview_key(VOICE, "Hello.")):
        assert await data.read(key) is None, "what is not there is told from what is forbidden"
        await data.write(key, b"derived")
        assert await data.read(key) == b"derived"
    assert await data.remove("ada", VOICE.data_id) == 3
    assert (await records.delete("ada", lambda _: VOICE))[0] == VOICE
    assert (await VoiceRecords(store).newest("ada")).voice is None


async def test_an_accepted_licence_is_remembered(store: ArtifactStore) -> None:
    licences = Licences(store, partial(datetime.now, UTC))
    await licences.accept(MODEL)
    await licences.require(MODEL)


async def test_models_that_training_stored_are_found_and_read(
    store: ArtifactStore, others: ArtifactStore
) -> None:
    await others.write("models/trained/1/config.json", b'{"model": "vits"}')
    (model,) = await StoredModels(store, {}).find("trained")
    assert model.kind is EngineKind.VITS
    async with store.opened("models/trained/1/config.json") as path:
        assert path.read_bytes() == b'{"model": "vits"}'


async def test_clips_are_read_and_files_of_any_size_are_kept_where_others_find_them(
    store: ArtifactStore, others: ArtifactStore, tmp_path: Path
) -> None:
    clip = await add_bytes(others, b"a clip that was imported")
    assert await store.read(clip.key) == b"a clip that was imported"
    spoken = tmp_path / "spoken.wav"
    spoken.write_bytes(bytes(20 << 20))  # sent in parts
    blob = await add_file(store, spoken)
    found = await others.stat(blob.key)
    assert found
    assert found.size_bytes == 20 << 20
