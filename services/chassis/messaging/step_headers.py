"""How a step's context travels beside a message."""

from collections.abc import Mapping

from services.chassis.bus import StepContext

RUN_ID = "Ttstrainer-Run-Id"
STEP_ID = "Ttstrainer-Step-Id"
ATTEMPT = "Ttstrainer-Attempt"
TRACEPARENT = "traceparent"
MESSAGE_ID = "Nats-Msg-Id"


def headers_of(context: StepContext | None, message_id: str = "") -> dict[str, str]:
    """Returns the headers that carry `context`, and the id that a stream deduplicates by."""
    headers = {MESSAGE_ID: message_id} if message_id else {}
    if context is None:
        return headers
    headers |= {
        RUN_ID: context.run_id,
        STEP_ID: context.step_id,
        ATTEMPT: str(context.attempt),
    }
    return headers | ({TRACEPARENT: context.traceparent} if context.traceparent else {})


def context_in(headers: Mapping[str, str] | None) -> StepContext | None:
    """Returns the context that `headers` carry, or None when they carry no whole one."""
    headers = headers or {}
    attempt = headers.get(ATTEMPT, "")
    if not (headers.get(RUN_ID) and headers.get(STEP_ID) and attempt.isdecimal()):
        return None
    return StepContext(
        headers[RUN_ID], headers[STEP_ID], int(attempt), headers.get(TRACEPARENT, "")
    )


def message_id_of(context: StepContext, *suffixes: str) -> str:
    """Returns run/step/attempt, which is unique in time, unlike anything made of the content."""
    return "/".join((context.run_id, context.step_id, str(context.attempt), *suffixes))
