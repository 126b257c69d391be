"""A network that loses everything for a while, and then does not."""

import nats.errors
import pytest

from tests.jetstream_links import linked
from tests.pausable_line import pausable_line
from tests.servers import NatsServer


async def test_an_answer_that_comes_when_nobody_waits_any_more_leaves_the_connection_alive(
    nats_server: NatsServer,
) -> None:
    async with pausable_line(nats_server.url) as line, linked(line.url) as link:
        line.pause()
        with pytest.raises(nats.errors.FlushTimeoutError):
            await link.connection.flush(timeout=1)
        line.resume()
        await link.connection.flush(timeout=5)
        assert await link.jetstream.account_info()
