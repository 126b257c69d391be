"""Datasets whose speaker took a consent back: marked for ever, and refused."""

from google.protobuf import json_format

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import canonical_json
from services.chassis.errors import ConflictError, NotFoundError
from ttstrainer.dataset.v1 import consent_service_pb2 as consent_pb
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb


class Withdrawals:
    """The marks, datasets/<id>/withdrawn.json; all versions of a dataset share one."""

    def __init__(self, store: ArtifactStore) -> None:
        """Keeps them in `store`."""
        self._store = store

    async def mark(self, consent: consent_pb.Consent) -> None:
        """Marks the datasets of a withdrawn consent; the first mark of each stays."""
        mark = consent_pb.Consent(
            consent_id=consent.consent_id, withdraw_time=consent.withdraw_time
        )
        for dataset_id in consent.dataset_ids:
            await self._store.create(_key(dataset_id), canonical_json(mark))

    async def refuse(self, dataset_id: str) -> None:
        """Raises ConflictError when the dataset is marked."""
        dataset = pb.Dataset(dataset_id=dataset_id)
        await self.show(dataset)
        refuse_withdrawn(dataset)

    async def show(self, dataset: pb.Dataset) -> None:
        """Puts the time of the withdrawal into a dataset that is marked."""
        try:
            content = await self._store.read(_key(dataset.dataset_id))
        except NotFoundError:
            return
        mark = json_format.Parse(content, consent_pb.Consent(), ignore_unknown_fields=True)
        dataset.withdraw_time.CopyFrom(mark.withdraw_time)


def refuse_withdrawn(dataset: pb.Dataset) -> None:
    """Raises ConflictError for a dataset that shows the time of a withdrawal."""
    if dataset.HasField("withdraw_time"):
        message = (
            f"A consent that dataset {dataset.dataset_id!r} rests on was withdrawn: it is neither "
            "built nor exported any more. With a new consent, build another dataset."
        )
        raise ConflictError(message, reason="CONSENT_WITHDRAWN", field="dataset_id")


def _key(dataset_id: str) -> str:
    return f"datasets/{dataset_id}/withdrawn.json"
