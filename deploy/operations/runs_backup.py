"""Writes the state of all runs to standard output, or with --restore reads it from standard input.

One JSON object a line: key and value of the bucket `runs`. NATS goes on meanwhile. Runs where
nats-py is, as in a container of any service, with NATS_ADMIN_PASSWORD set. docs/operations.md says
how.
"""

import argparse
import asyncio
import base64
import json
import os
import sys

import nats
from nats.js.errors import NoKeysError
from nats.js.kv import KeyValue

BUCKET = "runs"


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
        bucket = await client.jetstream().key_value(BUCKET)
        count = await (restore(bucket) if options.restore else back_up(bucket))
        sys.stderr.write(f"{count} entries {'restored' if options.restore else 'written'}\n")
    finally:
        await client.close()


async def back_up(bucket: KeyValue) -> int:
    """Writes each entry; returns how many."""
    try:
        keys = sorted(await bucket.keys())
    except NoKeysError:
        return 0
    for key in keys:
        value = (await bucket.get(key)).value or b""
        line = {"key": key, "value": base64.b64encode(value).decode()}
        sys.stdout.write(json.dumps(line) + "\n")
    return len(keys)


async def restore(bucket: KeyValue) -> int:
    """Puts back each entry that the input holds; returns how many."""
    count = 0
    for line in sys.stdin:
        entry = json.loads(line)
        await bucket.put(entry["key"], base64.b64decode(entry["value"]))
        count += 1
    return count


if __name__ == "__main__":
    asyncio.run(main())
