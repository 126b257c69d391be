"""The use case ReviewClip: a person's decision makes a new version."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import add_message, read_message
from services.chassis.errors import ConflictError, InvalidInputError, NotFoundError
from services.dataset.accounting import Account, account_of
from services.dataset.assembly import Assembly, assemble
from services.dataset.candidate import Candidate
from services.dataset.curation import clean_text, speakable_count
from services.dataset.document import candidates_in, revised, summary_of
from services.dataset.reviews import kept_as, rejected_for
from services.dataset.versions import Versions
from ttstrainer.dataset.v1 import dataset_service_pb2 as pb


class Reviewing:
    """Keeps, rejects and edits clips."""

    def __init__(
        self, store: ArtifactStore, versions: Versions, now: Callable[[], datetime]
    ) -> None:
        """Reads and writes `store`; asks `now` only for a version's time."""
        self._store = store
        self._versions = versions
        self._now = now

    async def review(self, request: pb.ReviewClipRequest) -> tuple[pb.Dataset, pb.DatasetClip]:
        """Returns the new version and the clip as it is in it.

        Raises NotFoundError for an unknown clip, InvalidInputError for no decision or a text
        that cannot be spoken, ConflictError when the named version is not the newest or the
        decision would reject the last clip.
        """
        newest = await self._newest(request)
        document = await read_message(self._store, newest.document_uri, pb.DatasetDocument)
        clips = candidates_in(document, newest.sample_rate_hertz)
        position = next((n for n, c in enumerate(clips) if c.clip_id == request.clip_id), None)
        if position is None:
            message = f"Dataset {newest.dataset_id!r} has no clip {request.clip_id!r}."
            raise NotFoundError(message, reason="CLIP_NOT_FOUND", field="clip_id")
        clips[position] = _decided(clips[position], request)
        assembly = await asyncio.to_thread(_reassembled, clips, document, newest.sample_rate_hertz)
        if not assembly.kept:
            message = "This is the last clip of the dataset; a dataset without clips is none."
            raise ConflictError(message, reason="LAST_CLIP")
        changed = revised(document, assembly)
        dataset = pb.Dataset()
        dataset.CopyFrom(newest)
        dataset.digest = assembly.digest
        dataset.document_uri = (await add_message(self._store, changed)).uri
        dataset.summary.CopyFrom(summary_of(assembly))
        added = await self._versions.add_after(dataset, newest.version, self._now())
        if added is None:
            raise _not_newest(newest.dataset_id, newest.version)
        clip = next(c for c in changed.clips if c.clip_id == request.clip_id)
        return added, clip

    async def _newest(self, request: pb.ReviewClipRequest) -> pb.Dataset:
        newest = await self._versions.get(request.dataset_id, 0)
        if request.version != newest.version:
            raise _not_newest(newest.dataset_id, request.version)
        return newest


def _decided(candidate: Candidate, request: pb.ReviewClipRequest) -> Candidate:
    match request.WhichOneof("decision"):
        case "keep":
            return kept_as(candidate, _speakable(candidate.text, "keep"))
        case "reject":
            return rejected_for(candidate, clean_text(request.reject.reason))
        case "edit":
            return kept_as(candidate, _speakable(clean_text(request.edit.text), "edit.text"))
        case _:
            message = "Say what to do with the clip: keep, reject or edit."
            raise InvalidInputError(message, reason="NO_DECISION", field="decision")


def _speakable(text: str, field: str) -> str:
    if speakable_count(text):
        return text
    message = "The clip has no text that can be spoken; edit it and give it one."
    raise InvalidInputError(message, reason="UNSPEAKABLE", field=field)


def _reassembled(clips: list[Candidate], document: pb.DatasetDocument, rate: int) -> Assembly:
    accounts: dict[str, Account] = {}
    for recording in document.recordings:
        own = [clip for clip in clips if clip.recording_id == recording.recording_id]
        accounts[recording.recording_id] = account_of(
            own,
            silent_samples=round(recording.silence_seconds * rate),
            sounding_samples=round(recording.other_sound_seconds * rate),
            sample_rate_hertz=rate,
            missing_seconds=recording.missing_seconds,
        )
    return assemble(clips, accounts, document.options.validation_ratio)


def _not_newest(dataset_id: str, version: int) -> ConflictError:
    message = (
        f"Version {version} of {dataset_id!r} is not the newest any more; "
        "look at the newest one and decide again."
    )
    return ConflictError(message, reason="NOT_NEWEST", field="version")
