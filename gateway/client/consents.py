"""What a client asks about consents."""

from collections.abc import AsyncIterator, Callable
from functools import partial

from gateway.client.retrying import Patience, patiently
from ttstrainer.dataset.v1 import consent_service_pb2 as pb
from ttstrainer.dataset.v1 import consent_service_pb2_grpc as rpc

PAGE_SIZE = 1000


class ConsentClient:
    """Records, shows and withdraws consents."""

    def __init__(
        self, stub: rpc.ConsentServiceStub, patience: Callable[[], Patience] = Patience
    ) -> None:
        """Talks through `stub`, and is as patient as `patience()` with a silent service."""
        self._stub = stub
        self._patience = patience

    async def grant(self, request: pb.GrantConsentRequest) -> pb.Consent:
        """Records a consent; a repeated call with the same request_id records nothing new."""
        return (await patiently(lambda: self._stub.GrantConsent(request), self._patience)).consent

    async def get(self, consent_id: str) -> pb.Consent:
        """Returns a consent."""
        request = pb.GetConsentRequest(consent_id=consent_id)
        return (await patiently(lambda: self._stub.GetConsent(request), self._patience)).consent

    async def consents(self) -> AsyncIterator[pb.Consent]:
        """Yields all consents, the newest first."""
        token = ""
        while True:
            request = pb.ListConsentsRequest(page_size=PAGE_SIZE, page_token=token)
            page = await patiently(partial(self._stub.ListConsents, request), self._patience)
            for consent in page.consents:
                yield consent
            if not (token := page.next_page_token):
                return

    async def withdraw(self, consent_id: str, reason: str) -> pb.Consent:
        """Ends a consent; to do so again changes nothing."""
        request = pb.WithdrawConsentRequest(consent_id=consent_id, reason=reason)
        answer = await patiently(lambda: self._stub.WithdrawConsent(request), self._patience)
        return answer.consent

    async def statement(self, speaker_name: str, language_code: str = "") -> str:
        """Returns the words that a speaker has to say."""
        request = pb.GetStatementRequest(speaker_name=speaker_name, language_code=language_code)
        return (await patiently(lambda: self._stub.GetStatement(request), self._patience)).statement
