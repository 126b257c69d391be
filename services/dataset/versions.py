"""Immutable versions in the artifact store: created once, numbered from 1."""

import re
from datetime import datetime

from google.protobuf import json_format

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import canonical_json
from services.chassis.errors import InvalidInputError, NotFoundError
from services.dataset.consents.withdrawals import Withdrawals
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb

DATASETS = "datasets/"
DATASET_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9_-])?")
VERSION_KEY = re.compile(r"datasets/(?P<dataset_id>[^/]+)/versions/(?P<version>\d{6})\.json")


def checked_dataset_id(dataset_id: str) -> str:
    """Returns `dataset_id` if it can name a dataset, else raises InvalidInputError."""
    if DATASET_ID.fullmatch(dataset_id):
        return dataset_id
    message = (
        f"{dataset_id!r} cannot name a dataset: use 1 to 63 letters, digits, dots, dashes and "
        "underscores, starting with a letter or a digit."
    )
    raise InvalidInputError(message, reason="INVALID_DATASET_ID", field="dataset_id")


class Versions:
    """The versions of all datasets."""

    def __init__(self, store: ArtifactStore) -> None:
        """Keeps them in `store`, under datasets/<id>/versions/."""
        self._store = store
        self._withdrawals = Withdrawals(store)

    async def newest(self, dataset_id: str) -> pb.Dataset | None:
        """Returns the newest version, or None when there is none."""
        number = 0
        async for info in self._store.list(f"{DATASETS}{dataset_id}/versions/"):
            if match := VERSION_KEY.fullmatch(info.key):
                number = max(number, int(match["version"]))
        return await self._read(dataset_id, number) if number else None

    async def get(self, dataset_id: str, version: int) -> pb.Dataset:
        """Returns one version, the newest when `version` is zero. Raises NotFoundError.

        Shows when a consent that it rests on was withdrawn.
        """
        dataset = await self._existing(dataset_id, version)
        await self._withdrawals.show(dataset)
        return dataset

    async def add(
        self, dataset: pb.Dataset, newest: pb.Dataset | None, now: datetime
    ) -> pb.Dataset | None:
        """Stores `dataset` as the version after `newest`, with its number and time.

        Returns `newest` itself when it has the same digest, and None when it is not the newest
        version any more: somebody else was faster.
        """
        present = await self.newest(dataset.dataset_id)
        if present != newest:
            return None
        if newest is not None and newest.digest == dataset.digest:
            return newest
        added = pb.Dataset()
        added.CopyFrom(dataset)
        added.version = newest.version + 1 if newest is not None else 1
        return await self._created(added, now)

    async def add_after(
        self, dataset: pb.Dataset, parent_version: int, now: datetime
    ) -> pb.Dataset | None:
        """Stores `dataset` as the version right after `parent_version`.

        Returns None when that version exists already: somebody else was faster.
        """
        added = pb.Dataset()
        added.CopyFrom(dataset)
        added.version = parent_version + 1
        added.parent_version = parent_version
        added.ClearField("withdraw_time")
        return await self._created(added, now)

    async def dataset_ids(self, after: str = "") -> list[str]:
        """Returns the ids of all datasets past `after`, in order.

        The order of keys is another one: `a-b/` comes before `a/`.
        """
        found = {
            match["dataset_id"]
            async for info in self._store.list(DATASETS)
            if (match := VERSION_KEY.fullmatch(info.key))
        }
        return sorted(each for each in found if each > after)

    async def _created(self, added: pb.Dataset, now: datetime) -> pb.Dataset | None:
        added.create_time.FromDatetime(now)
        key = _key(added.dataset_id, added.version)
        return added if await self._store.create(key, canonical_json(added)) else None

    async def _existing(self, dataset_id: str, version: int) -> pb.Dataset:
        checked_dataset_id(dataset_id)
        newest = await self.newest(dataset_id)
        if newest is None:
            raise NotFoundError(
                f"There is no dataset {dataset_id!r}; ListDatasets names those there are.",
                reason="DATASET_NOT_FOUND",
                field="dataset_id",
            )
        if version in (0, newest.version):
            return newest
        if not 0 < version < newest.version:
            raise NotFoundError(
                f"Dataset {dataset_id!r} has versions 1 to {newest.version}, not {version}.",
                reason="VERSION_NOT_FOUND",
                field="version",
            )
        return await self._read(dataset_id, version)

    async def _read(self, dataset_id: str, version: int) -> pb.Dataset:
        content = await self._store.read(_key(dataset_id, version))
        return json_format.Parse(content, pb.Dataset(), ignore_unknown_fields=True)


def _key(dataset_id: str, version: int) -> str:
    return f"{DATASETS}{dataset_id}/versions/{version:06d}.json"
