"""A channel to several replicas of a service behind one name."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from services.chassis.channel import open_channel
from tests.eventually import eventually
from tests.fakes.echo import EchoService, call, texts_of
from tests.fakes.serving import listening


async def test_calls_are_spread_over_the_replicas() -> None:
    asked: set[str] = set()

    def replica(name: str) -> EchoService:
        async def respond(text: str) -> AsyncIterator[str]:
            asked.add(name)
            yield text

        return EchoService(respond)

    async with AsyncExitStack() as stack:
        servers = [
            await stack.enter_async_context(listening(replica(name).register))
            for name in ("first", "second")
        ]
        addresses = ",".join(server.address for server in servers)
        channel = await stack.enter_async_context(open_channel(f"ipv4:{addresses}"))

        async def both_were_asked() -> bool:
            await texts_of(call(channel, "UnaryUnary", "hello"))
            return asked == {"first", "second"}

        await eventually(both_were_asked)
