"""The use cases of consents: grant, show, withdraw."""

from dataclasses import dataclass

from services.chassis.bus import Bus
from services.chassis.errors import InvalidInputError
from services.chassis.pages import from_token, page_size, to_token
from services.dataset.consents.consents import Consents, without_words
from services.dataset.consents.evidence import Evidence, checked_speaker
from services.dataset.consents.withdrawals import Withdrawals
from services.dataset.versions import checked_dataset_id
from ttstrainer.dataset.v1 import consent_events_pb2 as events
from ttstrainer.dataset.v1 import consent_service_pb2 as pb

CONSENT_PAGE = 100
MAX_DATASET_COUNT = 100
MAX_WORDS_CHARACTERS = 1000
"""Of what people write beside: who recorded it, why it was withdrawn."""
PURPOSES = {pb.CONSENT_PURPOSE_CLONING, pb.CONSENT_PURPOSE_TRAINING}


@dataclass(frozen=True, slots=True)
class Consenting:
    """Keeps consents and tells of them."""

    consents: Consents
    evidence: Evidence
    withdrawals: Withdrawals
    bus: Bus

    async def grant(self, request: pb.GrantConsentRequest) -> pb.Consent:
        """Records a consent, or returns the one that the same request has led to.

        Raises InvalidInputError as the contract says, ConflictError for a request id that has come
        with another content.
        """
        _check(request)
        consent = await self.consents.granted_by(request)
        if consent is None:
            consent = await self.consents.add(request, await self.evidence.of(request))
        await self.bus.publish(
            events.ConsentGranted(consent=without_words(consent)),
            message_id=f"{consent.consent_id}/granted",
        )
        return consent

    async def page(self, request: pb.ListConsentsRequest) -> pb.ListConsentsResponse:
        """Returns a page of consents. Raises InvalidInputError for a bad page."""
        size = page_size(request.page_size, CONSENT_PAGE)
        ids = await self.consents.ids(before=from_token(request.page_token))
        found = [await self.consents.get(consent_id) for consent_id in ids[:size]]
        more = len(ids) > size
        return pb.ListConsentsResponse(
            consents=found, next_page_token=to_token(ids[size - 1]) if more else ""
        )

    async def withdraw(self, request: pb.WithdrawConsentRequest) -> pb.Consent:
        """Ends a consent, marks its datasets and tells of it. Raises NotFoundError.

        Doing so again repeats what a crash may have left out, and changes nothing else.
        """
        _check_words(request.reason, "reason")
        consent = await self.consents.withdraw(request.consent_id, request.reason)
        await self.withdrawals.mark(consent)
        await self.bus.publish(
            events.ConsentWithdrawn(consent=without_words(consent)),
            message_id=f"{consent.consent_id}/withdrawn",
        )
        return consent


def _check(request: pb.GrantConsentRequest) -> None:
    checked_speaker(request.speaker_name)
    if not request.purposes or not set(request.purposes) <= PURPOSES:
        message = "Say what the voice may be used for: cloning, training or both."
        raise InvalidInputError(message, reason="INVALID_PURPOSES", field="purposes")
    if len(request.dataset_ids) > MAX_DATASET_COUNT:
        message = f"A consent names at most {MAX_DATASET_COUNT} datasets."
        raise InvalidInputError(message, reason="TOO_MANY_DATASETS", field="dataset_ids")
    for dataset_id in request.dataset_ids:
        checked_dataset_id(dataset_id)
    _check_words(request.recorded_by, "recorded_by")


def _check_words(text: str, field: str) -> None:
    if len(text) > MAX_WORDS_CHARACTERS:
        message = f"The {field} is longer than {MAX_WORDS_CHARACTERS} characters."
        raise InvalidInputError(message, reason="TOO_LONG", field=field)
