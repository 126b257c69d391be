"""Which adapter keeps the artifacts, by the setting `store_url`."""

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from services.chassis.artifacts import ArtifactStore
from services.chassis.errors import InvalidInputError
from services.chassis.settings import STORE_EXAMPLES, ServiceSettings
from services.chassis.storage.absent import AbsentArtifacts
from services.chassis.storage.download_cache import DownloadCache
from services.chassis.storage.local_artifacts import LocalArtifacts
from services.chassis.storage.minio_artifacts import MinioArtifacts, s3_client


def open_store(settings: ServiceSettings) -> ArtifactStore:
    """Returns the store that `settings.store_url` names, without touching it yet.

    `file:///path` is a directory; `s3://bucket?endpoint=http://host:port&region=...` a bucket.
    A service that keeps no artifacts gets one that refuses everything. Raises InvalidInputError
    naming the setting for any other URL.
    """
    if not settings.keeps_artifacts:
        return AbsentArtifacts()
    url = urlsplit(settings.store_url)
    if url.scheme == "file" and url.netloc in {"", "localhost"} and url.path:
        return LocalArtifacts(Path(unquote(url.path)))
    options = {name: values[-1] for name, values in parse_qs(url.query).items()}
    if url.scheme == "s3" and url.netloc and "endpoint" in options:
        return _bucket_at(settings, url.netloc, options)
    message = f"TTSTRAINER_STORE_URL is {settings.store_url!r}: it must look like {STORE_EXAMPLES}."
    raise InvalidInputError(message, reason="INVALID_STORE_URL", field="store_url")


def _bucket_at(settings: ServiceSettings, bucket: str, options: dict[str, str]) -> MinioArtifacts:
    client = s3_client(
        options["endpoint"],
        settings.s3_access_key.get_secret_value(),
        settings.s3_secret_key.get_secret_value(),
        options.get("region", ""),
    )
    cache = DownloadCache(Path(settings.scratch_dir), settings.s3_cache_bytes)
    return MinioArtifacts(client, bucket, cache)
