"""Consents in the artifact store: who agreed to what, and what was taken back.

consents/<id>/granted.json      created once
consents/<id>/withdrawn.json    created once, when it is withdrawn: time and reason
consent-requests/<sha256>.json  which consent a request id has led to

Nothing is ever overwritten, so whoever reads these objects sees the same history.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime
from secrets import token_hex

from google.protobuf import json_format

from services.chassis.artifacts import ArtifactStore
from services.chassis.blobs import canonical_json
from services.chassis.errors import ConflictError, NotFoundError
from ttstrainer.dataset.v1 import consent_service_pb2 as pb

CONSENTS = "consents/"
REQUESTS = "consent-requests/"
GRANTED_KEY = re.compile(r"consents/(?P<consent_id>[^/]+)/granted\.json")
CONSENT_ID = re.compile(r"\d{8}t\d{12}-[0-9a-f]{8}")


class Consents:
    """All consents."""

    def __init__(self, store: ArtifactStore, now: Callable[[], datetime]) -> None:
        """Keeps them in `store`; asks `now` for the times of grants and withdrawals."""
        self._store = store
        self._now = now

    async def granted_by(self, request: pb.GrantConsentRequest) -> pb.Consent | None:
        """Returns the consent that this very request has led to, if it has a request id and has.

        Raises ConflictError when its id has come with another content.
        """
        consent_id = await self._consent_id_of(request)
        return await self._read(consent_id) if consent_id else None

    async def add(
        self, request: pb.GrantConsentRequest, evidence: pb.ConsentEvidence
    ) -> pb.Consent:
        """Records a consent; racing calls of one request record one."""
        consent = pb.Consent(
            consent_id=await self._claimed_id(request),
            speaker_name=request.speaker_name,
            purposes=sorted(set(request.purposes)),
            evidence=evidence,
            recorded_by=request.recorded_by,
            dataset_ids=sorted(set(request.dataset_ids)),
        )
        consent.grant_time.FromDatetime(self._now())
        await self._store.create(_granted_key(consent.consent_id), canonical_json(consent))
        return await self.get(consent.consent_id)

    async def get(self, consent_id: str) -> pb.Consent:
        """Returns a consent as it is now. Raises NotFoundError."""
        known = CONSENT_ID.fullmatch(consent_id) is not None
        consent = await self._read(consent_id) if known else None
        if consent is None:
            message = f"There is no consent {consent_id!r}; ListConsents names those there are."
            raise NotFoundError(message, reason="CONSENT_NOT_FOUND", field="consent_id")
        return consent

    async def ids(self, before: str = "") -> list[str]:
        """Returns the ids of all consents, the newest first; with `before` only older ones."""
        found = [
            match["consent_id"]
            async for info in self._store.list(CONSENTS)
            if (match := GRANTED_KEY.fullmatch(info.key))
        ]
        return [each for each in reversed(found) if not before or each < before]

    async def withdraw(self, consent_id: str, reason: str) -> pb.Consent:
        """Ends a consent and returns it; the first call's time and reason stay."""
        await self.get(consent_id)
        tombstone = pb.Consent(withdraw_reason=reason)
        tombstone.withdraw_time.FromDatetime(self._now())
        await self._store.create(_withdrawn_key(consent_id), canonical_json(tombstone))
        return await self.get(consent_id)

    async def _claimed_id(self, request: pb.GrantConsentRequest) -> str:
        """Ids begin with the time, so that their order is that of the grants."""
        consent_id = f"{self._now():%Y%m%dt%H%M%S%f}-{token_hex(4)}"
        if not request.request_id:
            return consent_id
        claim = {"consent_id": consent_id, "request_sha256": _digest(request)}
        await self._store.create(_request_key(request), json.dumps(claim).encode())
        return await self._consent_id_of(request)

    async def _consent_id_of(self, request: pb.GrantConsentRequest) -> str:
        if not request.request_id:
            return ""
        try:
            claim = json.loads(await self._store.read(_request_key(request)))
        except NotFoundError:
            return ""
        if claim["request_sha256"] != _digest(request):
            message = "This request_id has come with another request: use a new one."
            raise ConflictError(message, reason="REQUEST_ID_REUSED", field="request_id")
        return str(claim["consent_id"])

    async def _read(self, consent_id: str) -> pb.Consent | None:
        try:
            granted = await self._store.read(_granted_key(consent_id))
        except NotFoundError:
            return None
        consent = json_format.Parse(granted, pb.Consent(), ignore_unknown_fields=True)
        try:
            withdrawn = await self._store.read(_withdrawn_key(consent_id))
        except NotFoundError:
            return consent
        consent.MergeFrom(json_format.Parse(withdrawn, pb.Consent(), ignore_unknown_fields=True))
        return consent


def without_words(consent: pb.Consent) -> pb.Consent:
    """Returns a consent as events carry it: what was said or signed stays here."""
    told = pb.Consent()
    told.CopyFrom(consent)
    told.evidence.statement = ""
    return told


def _digest(request: pb.GrantConsentRequest) -> str:
    return hashlib.sha256(request.SerializeToString(deterministic=True)).hexdigest()


def _request_key(request: pb.GrantConsentRequest) -> str:
    return f"{REQUESTS}{hashlib.sha256(request.request_id.encode()).hexdigest()}.json"


def _granted_key(consent_id: str) -> str:
    return f"{CONSENTS}{consent_id}/granted.json"


def _withdrawn_key(consent_id: str) -> str:
    return f"{CONSENTS}{consent_id}/withdrawn.json"
