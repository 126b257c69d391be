"""The guard that ends a call whose servicer raised with the status that its error stands for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NoReturn

import grpc
import structlog
from google.rpc.status_pb2 import Status

from services.chassis.errors import CancelledByUserError, ServiceError
from services.chassis.process.full_disk import full_disk_in
from services.chassis.rpc.guards import REQUEST_ID_HEADER, Call
from services.chassis.rpc.rich_status import DETAILS_KEY, internal_status, status_of

CODES_BY_NUMBER = {code.value[0]: code for code in grpc.StatusCode}

log = structlog.get_logger()


@asynccontextmanager
async def told_errors(call: Call) -> AsyncIterator[None]:
    """Aborts the call with rich details; of an unexpected error the client learns no detail."""
    try:
        yield
    except ServiceError as error:
        await _abort(call, status_of(error, call.request_id))
    except grpc.aio.AbortError:  # the servicer chose a status itself, as the health service does
        raise
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task and task.cancelling():  # the client went away or its deadline is over
            raise
        cancelled = CancelledByUserError("The work was cancelled.")
        await _abort(call, status_of(cancelled, call.request_id))
    except Exception as error:
        if full := full_disk_in(error):
            await _abort(call, status_of(full, call.request_id))
        log.exception("rpc.failed", method=call.method)
        await _abort(call, internal_status(call.request_id))


async def _abort(call: Call, status: Status) -> NoReturn:
    await call.context.abort(
        CODES_BY_NUMBER[status.code],
        status.message,
        (
            *(call.context.trailing_metadata() or ()),
            (REQUEST_ID_HEADER, call.request_id),
            (DETAILS_KEY, status.SerializeToString()),
        ),
    )
