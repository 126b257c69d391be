"""The consent that a voice is made with: one that was there, or one that ends where it fails."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from gateway.cli.consents.agreement import Agreement
from gateway.cli.reporter import Reporter
from gateway.cli.undoing import made
from gateway.client.consents import ConsentClient
from services.chassis.errors import ServiceError
from ttstrainer.dataset.v1.consent_service_pb2 import CONSENT_PURPOSE_CLONING

WITHDRAW_SECONDS = 10.0
REASON = "No voice was made with it."


@contextlib.asynccontextmanager
async def consent_to_clone(
    agreement: Agreement, consents: ConsentClient, reporter: Reporter
) -> AsyncIterator[str]:
    """Gives the id of a consent; one that is recorded here is withdrawn when the block fails.

    Whoever tries again records another one. An answer of the inference service that was lost
    leaves open whether there is a voice: without its consent it does not speak.

    Raises:
        ServiceError: the consent cannot be recorded.
    """
    if agreement.consent_id:
        yield agreement.consent_id
        return
    consent = await made(
        agreement.recorded(consents, [CONSENT_PURPOSE_CLONING]),
        lambda recorded: _withdraw(recorded.consent_id, consents, reporter),
    )
    reporter.note(f"Consent {consent.consent_id} is recorded: {consent.evidence.statement}")
    try:
        yield consent.consent_id
    except BaseException:
        await _withdraw(consent.consent_id, consents, reporter)
        raise


async def _withdraw(consent_id: str, consents: ConsentClient, reporter: Reporter) -> None:
    """Takes the consent back, and tells what became of it, also when this is interrupted."""
    told = (
        f"No voice was made, but the consent {consent_id} could not be withdrawn: do so with "
        f"`tts-trainer consents withdraw {consent_id}`."
    )
    try:
        with contextlib.suppress(ServiceError, TimeoutError):
            async with asyncio.timeout(WITHDRAW_SECONDS):
                await consents.withdraw(consent_id, REASON)
            told = f"No voice was made, so the consent {consent_id} is withdrawn again."
    finally:
        reporter.note(told)
