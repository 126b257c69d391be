"""REST about messages: to send, read, change and delete them, and to react."""

import urllib.parse
from typing import TYPE_CHECKING

from tests.discord_double.messages import Message
from tests.discord_double.places import Channel, ChannelKind, permissions_of
from tests.discord_double.refusals import (
    CLOSED_DOORS,
    EMBED_TOO_LONG,
    EMPTY_MESSAGE,
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    TOO_LONG,
    UNKNOWN_MESSAGE,
)
from tests.discord_double.requests import Answer, NoRoute, Request
from tests.discord_double.rest_guilds import known_channel

if TYPE_CHECKING:
    from tests.discord_double.payloads import Json
    from tests.discord_double.world import World

MOST_CHARACTERS = 2000
MOST_CHARACTERS_OF_AN_EMBED = 4096


def message_routes(world: "World", request: Request) -> Answer:
    """Answers, or raises NoRoute."""
    match request.call:
        case (_, ["channels", channel_id, *_]):
            channel = known_channel(world, channel_id)
        case _:
            raise NoRoute
    match request.call:
        case ("POST", [_, _, "messages"]):
            return _send(world, channel, request)
        case ("GET", [_, _, "messages"]):
            found = reversed(world.journal.of(channel)[-int(request.query.get("limit", 50)) :])
            return [message.payload() for message in found]
        case ("POST", [_, _, "typing"]):
            return None
        case (_, [_, _, "messages", message_id, *_]):
            return _about(world, known_message(world, message_id), request)
    raise NoRoute


def known_message(world: "World", message_id: str) -> Message:
    """Returns the message.

    Raises:
        Refusal: There is none, or it was deleted.
    """
    message = world.journal.get(int(message_id))
    if message is None:
        raise UNKNOWN_MESSAGE
    return message


def check_content(body: "Json") -> None:
    """Refuses texts and embeds that are too long for a message."""
    if len(body.get("content") or "") > MOST_CHARACTERS:
        raise TOO_LONG
    for embed in body.get("embeds") or []:
        if len(embed.get("description") or "") > MOST_CHARACTERS_OF_AN_EMBED:
            raise EMBED_TOO_LONG


def _send(world: "World", channel: Channel, request: Request) -> "Json":
    body = request.body
    check_content(body)
    if not any((body.get("content"), body.get("embeds"), body.get("components"), request.files)):
        raise EMPTY_MESSAGE
    _check_permissions(world, channel, request)
    message = world.journal.write_as_bot(channel, body, request.files)
    world.gateway.dispatch("MESSAGE_CREATE", message.payload())
    return message.payload()


def _check_permissions(world: "World", channel: Channel, request: Request) -> None:
    if channel.kind is ChannelKind.DIRECT:
        if channel in world.closed_doors:
            raise CLOSED_DOORS
        return
    assert channel.guild
    permissions = permissions_of(channel.guild.bot, channel)
    if not permissions.view_channel:
        raise MISSING_ACCESS
    if not permissions.send_messages or (request.files and not permissions.attach_files):
        raise MISSING_PERMISSIONS


def _about(world: "World", message: Message, request: Request) -> Answer:
    match request.call:
        case ("GET", [_, _, _, _]):
            return message.payload()
        case ("PATCH", [_, _, _, _]):
            check_content(request.body)
            files = world.journal.keep(message.channel, request.files)
            message.rewrite(request.body, files)
            world.gateway.dispatch("MESSAGE_UPDATE", message.payload())
            return message.payload()
        case ("DELETE", [_, _, _, _]):
            message.is_deleted = True
            return None
        case ("PUT", [_, _, _, _, "reactions", emoji, "@me"]):
            message.reactions.append(urllib.parse.unquote(emoji))
            return None
        case ("DELETE", [_, _, _, _, "reactions", emoji, *_]):
            message.reactions.remove(urllib.parse.unquote(emoji))
            return None
    raise NoRoute
