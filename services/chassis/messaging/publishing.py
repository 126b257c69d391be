"""Publishing until it is stored."""

import asyncio
import time
from collections.abc import Mapping
from uuid import uuid4

import nats.errors
from nats.js import JetStreamContext
from nats.js.errors import NoStreamResponseError

from services.chassis.messaging.nats_errors import translated_nats_errors
from services.chassis.messaging.step_headers import MESSAGE_ID

PATIENCE_SECONDS = 12.0
ATTEMPT_SECONDS = 3.0
RETRY_SECONDS = 0.25
LOST = (nats.errors.TimeoutError, TimeoutError, NoStreamResponseError)
"""What a publish raises when the server died before it answered, or is not quite up again."""


async def publish_stored(
    jetstream: JetStreamContext,
    subject: str,
    payload: bytes,
    *,
    stream: str,
    headers: Mapping[str, str],
) -> None:
    """Returns when `payload` is stored in `stream`, trying again while the server restarts.

    The message keeps its id over the tries, so it is stored once even if only an answer was
    lost. Raises UnavailableError after some seconds, OverloadedError when the stream is full.
    """
    headers = {MESSAGE_ID: uuid4().hex, **headers}
    deadline = time.monotonic() + PATIENCE_SECONDS
    with translated_nats_errors():
        while True:
            try:
                await jetstream.publish(
                    subject, payload, timeout=ATTEMPT_SECONDS, stream=stream, headers=dict(headers)
                )
            except LOST:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return
