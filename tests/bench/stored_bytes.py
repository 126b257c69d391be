"""What lies in the store, by what made it."""

import json
from collections import defaultdict
from collections.abc import Iterable

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import CONTENT_KEYS
from services.chassis.steps import MANIFEST_KEYS

# A step's manifest may also name blobs that it read: the first that names one has made it.
METHODS = (
    "ProbeMedia",
    "ExtractAudio",
    "PrepareAudio",
    "TranscribeAudio",
    "VerifyTranscript",
    "BuildDataset",
)


async def stored_bytes(store: ArtifactStore, recording_ids: Iterable[str]) -> dict[str, int]:
    """Returns bytes by method, "recordings" for what was imported, "manifests", and "others"."""
    sizes = {found.key: found.size_bytes async for found in store.list(CONTENT_KEYS)}
    named: dict[str, set[str]] = defaultdict(set)
    manifest_bytes = 0
    async for found in store.list(MANIFEST_KEYS):
        manifest_bytes += found.size_bytes
        manifest = json.loads(await store.read(found.key))
        named[manifest["method"].rpartition(".")[2]] |= set(manifest["blobs"])

    def take(hashes: Iterable[str]) -> int:
        return sum(sizes.pop(CONTENT_KEYS + each, 0) for each in hashes)

    totals = {"recordings": take(recording_ids)}
    totals |= {method: take(named[method]) for method in METHODS}
    return totals | {"manifests": manifest_bytes, "others": sum(sizes.values())}
