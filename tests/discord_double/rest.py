"""Discord's REST interface: every request is logged, perhaps struck by a fault, and answered.

https://discord.com/developers/docs/reference
"""

import contextlib
from typing import TYPE_CHECKING

from aiohttp import web

from tests.discord_double.refusals import UNAUTHORIZED, Refusal, answer
from tests.discord_double.requests import NoRoute, Request, read
from tests.discord_double.rest_guilds import bot_routes, guild_routes
from tests.discord_double.rest_interactions import command_routes, interaction_routes
from tests.discord_double.rest_messages import message_routes

if TYPE_CHECKING:
    from tests.discord_double.world import World

MOST_BYTES = 10 << 20
TOO_LARGE = Refusal(413, 40005, "Request entity too large")


async def serve(world: "World", received: web.Request) -> web.StreamResponse:
    """Answers one request."""
    request = await read(received)
    world.requests.append(request)
    response = world.faults.struck(request.method, request.path)
    if response is None:
        try:
            _authorize(world, request, received.headers.get("Authorization"))
            response = _answered(world, request)
        except Refusal as refusal:
            response = answer(refusal.body, refusal.status)
    request.status = response.status
    world.bell.ring()
    return response


def _authorize(world: "World", request: Request, given: str | None) -> None:
    # The token of an interaction is in the path.
    has_own_token = request.path.startswith(("/interactions/", "/webhooks/"))
    if not has_own_token and given != f"Bot {world.token}":
        raise UNAUTHORIZED
    if any(len(file.content) > MOST_BYTES for file in request.files):
        raise TOO_LARGE


def _answered(world: "World", request: Request) -> web.Response:
    for routes in (bot_routes, guild_routes, message_routes, command_routes, interaction_routes):
        with contextlib.suppress(NoRoute):
            body = routes(world, request)
            return web.Response(status=204) if body is None else answer(body)
    message = f"the double knows no {request.method} {request.path}"
    raise Refusal(404, 0, message)
