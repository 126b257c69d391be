"""The asking side of the work queues."""

import nats.errors
from google.protobuf.message import Message
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from services.chassis.bus import QueueState, StepContext
from services.chassis.messaging.nats_errors import translated_nats_errors
from services.chassis.messaging.publishing import publish_stored
from services.chassis.messaging.step_headers import headers_of, message_id_of
from services.chassis.messaging.streams import (
    CANCEL_SUBJECTS,
    WORK,
    WORK_SUBJECTS,
    WORKERS_SUBJECTS,
    durable_name,
    subject_token,
    work_subject,
)

PRESENCE_TIMEOUT_SECONDS = 1.0


class JetStreamWorkQueue:
    """WorkQueue over the WORK stream."""

    def __init__(self, connection: Client, jetstream: JetStreamContext) -> None:
        """Uses a connection that stays open."""
        self._connection = connection
        self._jetstream = jetstream

    async def submit(self, method: str, request: Message, context: StepContext) -> None:
        """See WorkQueue."""
        await publish_stored(
            self._jetstream,
            work_subject(method, context.run_id),
            request.SerializeToString(),
            stream=WORK,
            headers=headers_of(context, message_id_of(context)),
        )

    async def cancel(self, run_id: str) -> None:
        """See WorkQueue."""
        ending = "." + subject_token(run_id, field="run_id")
        with translated_nats_errors():
            # Purged first: a worker that stops must not find the next request of the same run.
            for subject in await self._subjects(WORK_SUBJECTS + ">"):
                if subject.endswith(ending):
                    await self._jetstream.purge_stream(WORK, subject=subject)
            await self._connection.publish(CANCEL_SUBJECTS + run_id)
            await self._connection.flush()

    async def backlog(self, method: str) -> QueueState:
        """See WorkQueue."""
        with translated_nats_errors():
            has_worker = await self._has_worker(method)
            try:
                state = await self._jetstream.consumer_info(WORK, durable_name(method))
            except NotFoundError:
                queued = await self._subjects(f"{WORK_SUBJECTS}{method}.*")
                return QueueState(sum(queued.values()), 0, 0, has_worker)
        return QueueState(
            pending_count=state.num_pending or 0,
            in_flight_count=state.num_ack_pending or 0,
            waiting_worker_count=state.num_waiting or 0,
            has_worker=has_worker,
        )

    async def _subjects(self, filter_subject: str) -> dict[str, int]:
        """Returns the subjects with queued requests, and how many each has."""
        found = await self._jetstream.stream_info(WORK, subjects_filter=filter_subject)
        return found.state.subjects or {}

    async def _has_worker(self, method: str) -> bool:
        """Asks whether anybody is there; a server without listeners says no at once."""
        try:
            await self._connection.request(
                WORKERS_SUBJECTS + method, timeout=PRESENCE_TIMEOUT_SECONDS
            )
        except (nats.errors.NoRespondersError, nats.errors.TimeoutError):
            return False
        return True
