"""Shows the requests that were given up, one JSON object a line; with --purge, forgets them.

Runs where nats-py is, as in a container of any service, with NATS_ADMIN_PASSWORD set.
docs/operations.md says how.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator

import nats
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

STREAM = "DEAD"
SUBJECTS = "dead."
REASON = "Ttstrainer-Failure"
DELIVERIES = "Ttstrainer-Deliveries"


async def main() -> None:
    """Prints, and purges when told to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--purge", action="store_true", help="forget what was printed")
    options = parser.parse_args()
    client = await nats.connect(
        os.environ.get("TTSTRAINER_NATS_URL", "nats://127.0.0.1:4222").split(","),
        user="admin" if os.environ.get("NATS_ADMIN_PASSWORD") else None,
        password=os.environ.get("NATS_ADMIN_PASSWORD"),
        max_reconnect_attempts=3,
    )
    try:
        jetstream = client.jetstream()
        last = 0
        async for sequence, letter in letters(jetstream):
            sys.stdout.write(json.dumps(letter) + "\n")
            last = sequence
        if options.purge and last:
            await jetstream.purge_stream(STREAM, seq=last + 1)  # up to what was shown, no further
    finally:
        await client.close()


async def letters(jetstream: JetStreamContext) -> AsyncIterator[tuple[int, dict[str, object]]]:
    """Yields each request with its place in the stream, the oldest first."""
    state = (await jetstream.stream_info(STREAM)).state
    # A stream that never held anything begins at 0, where nothing can be.
    for sequence in range(max(state.first_seq, 1), state.last_seq + 1):
        try:
            found = await jetstream.get_msg(STREAM, sequence)
        except NotFoundError:
            continue
        method, _, run_id = str(found.subject).removeprefix(SUBJECTS).rpartition(".")
        headers = found.headers or {}
        failure = json.loads(headers.get(REASON, "{}"))
        deliveries = headers.get(DELIVERIES, "")
        yield (
            sequence,
            {"run_id": run_id, "method": method, "deliveries": deliveries, "failure": failure},
        )


if __name__ == "__main__":
    asyncio.run(main())
