"""Writes what NATS keeps to standard output, or with --restore reads it from standard input.

That is the state of all runs, and what people chose of the Discord bot where one ever ran. One JSON
object a line: bucket, key and value. NATS goes on meanwhile. Runs where nats-py is, as in a
container of any service, with NATS_ADMIN_PASSWORD set. docs/operations.md says how.
"""

import argparse
import asyncio
import base64
import json
import os
import sys
from collections.abc import AsyncIterator

import nats
from nats.js import JetStreamContext
from nats.js.errors import NoStreamResponseError, NotFoundError
from nats.js.kv import KV_OP

MAKERS = {"runs": "the pipeline", "bot": "the Discord bot"}
"""Each bucket, and who makes it at its start."""


async def main() -> None:
    """Writes or reads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--restore", action="store_true", help="put back what was written")
    options = parser.parse_args()
    client = await nats.connect(
        os.environ.get("TTSTRAINER_NATS_URL", "nats://127.0.0.1:4222").split(","),
        user="admin" if os.environ.get("NATS_ADMIN_PASSWORD") else None,
        password=os.environ.get("NATS_ADMIN_PASSWORD"),
        max_reconnect_attempts=3,
    )
    try:
        count = await (restore if options.restore else back_up)(client.jetstream())
        sys.stderr.write(f"{count} entries {'restored' if options.restore else 'written'}\n")
    finally:
        await client.close()


async def back_up(jetstream: JetStreamContext) -> int:
    """Writes each entry; returns how many."""
    count = 0
    for bucket in MAKERS:
        async for key, value in entries(jetstream, bucket):
            line = {"bucket": bucket, "key": key, "value": base64.b64encode(value).decode()}
            sys.stdout.write(json.dumps(line) + "\n")
            count += 1
    return count


async def entries(jetstream: JetStreamContext, bucket: str) -> AsyncIterator[tuple[str, bytes]]:
    """Yields each key with its value, the oldest first; one that changes meanwhile once more.

    Through the bucket's stream: a listing of keys may take a bucket that is busy for an empty one.
    """
    subjects, sequence = f"$KV.{bucket}.", 0
    while True:
        try:
            found = await jetstream.get_msg(
                f"KV_{bucket}", seq=sequence + 1, subject=f"{subjects}>", next=True
            )
        except NotFoundError:  # none after that one, or no such bucket
            return
        sequence = found.seq or 0
        if KV_OP not in (found.headers or {}):  # which a key that was removed leaves behind
            yield str(found.subject).removeprefix(subjects), found.data or b""


async def restore(jetstream: JetStreamContext) -> int:
    """Puts back each entry that the input holds; returns how many."""
    count = 0
    for line in sys.stdin:
        entry = json.loads(line)
        subject = f"$KV.{entry['bucket']}.{entry['key']}"
        try:
            await jetstream.publish(subject, base64.b64decode(entry["value"]))
        except NoStreamResponseError:
            maker = MAKERS[entry["bucket"]]
            sys.exit(f"start {maker}, which makes the bucket {entry['bucket']}, and restore again")
        count += 1
    return count


if __name__ == "__main__":
    asyncio.run(main())
