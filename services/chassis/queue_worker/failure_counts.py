"""Counting raised errors apart from deliveries, in a bucket that all workers share."""

import hashlib

from services.chassis.bus import StepContext
from services.chassis.errors import ConflictError
from services.chassis.key_value import KeyValue
from services.chassis.messaging.step_headers import message_id_of

BUCKET = "step-failures"
TTL_SECONDS = 86400.0


class KeyValueFailureCounts:
    """FailureCounts in a key-value bucket; the bucket's time to live forgets old steps."""

    def __init__(self, bucket: KeyValue) -> None:
        """Counts in `bucket`."""
        self._bucket = bucket

    async def add(self, context: StepContext) -> int:
        """See FailureCounts."""
        # Hashed, because ids may hold characters that keys may not.
        key = hashlib.sha256(message_id_of(context).encode()).hexdigest()
        while True:
            entry = await self._bucket.get(key)
            count = int(entry.value) + 1 if entry else 1
            try:
                if entry:
                    await self._bucket.update(key, b"%d" % count, entry.revision)
                else:
                    await self._bucket.create(key, b"%d" % count)
            except ConflictError:
                continue
            return count
