"""REST about slash commands and the answers to interactions."""

from typing import TYPE_CHECKING, Any

from tests.discord_double.interactions import TOKEN_IS_OVER, UNKNOWN_INTERACTION, Interaction
from tests.discord_double.messages import Message
from tests.discord_double.refusals import UNKNOWN_MESSAGE
from tests.discord_double.requests import Answer, NoRoute, Request
from tests.discord_double.rest_messages import check_content, known_message

if TYPE_CHECKING:
    from tests.discord_double.payloads import Json
    from tests.discord_double.world import World


def command_routes(world: "World", request: Request) -> Answer:
    """Takes the slash commands that the bot declares, or raises NoRoute."""
    match request.call:
        case ("PUT", ["applications", _, "commands"]):
            return _synchronize(world, None, request.body)
        case ("GET", ["applications", _, "commands"]):
            return world.commands.get(None, [])
        case ("PUT", ["applications", _, "guilds", guild_id, "commands"]):
            return _synchronize(world, int(guild_id), request.body)
        case ("GET", ["applications", _, "guilds", guild_id, "commands"]):
            return world.commands.get(int(guild_id), [])
    raise NoRoute


def interaction_routes(world: "World", request: Request) -> Answer:
    """Takes answers, or raises NoRoute."""
    match request.call:
        case ("POST", ["interactions", interaction_id, token, "callback"]):
            return _respond(_known(world, token), interaction_id, request)
        case ("POST", ["webhooks", _, token]):
            check_content(request.body)
            return _known(world, token).follow_up(request.body, request.files).payload()
        case (_, ["webhooks", _, token, "messages", message_id]):
            return _about(world, _known(world, token), message_id, request)
    raise NoRoute


def _synchronize(world: "World", guild_id: int | None, commands: "list[Json]") -> "list[Json]":
    known = [_declared(world, guild_id, command) for command in commands]
    world.commands[guild_id] = known
    return known


def _declared(world: "World", guild_id: int | None, command: "Json") -> "Json":
    return {
        "type": 1,
        "default_member_permissions": None,
        **command,
        "id": str(world.snowflakes.next()),
        "application_id": str(world.bot.id),
        "version": "1",
        "guild_id": None if guild_id is None else str(guild_id),
    }


def _known(world: "World", token: str) -> Interaction:
    found = world.interactions.get(token)
    if found is None:
        raise UNKNOWN_INTERACTION
    if found.is_over:
        raise TOKEN_IS_OVER
    return found


def _respond(interaction: Interaction, interaction_id: str, request: Request) -> Answer:
    check_content(request.body.get("data") or {})
    written = interaction.respond(request.body, request.files)
    if request.query.get("with_response") not in ("true", "1", "True"):
        return None
    told: dict[str, Any] = {
        "interaction": {
            "id": interaction_id,
            "type": int(interaction.kind),
            "response_message_id": str(written.id) if written else None,
            "response_message_loading": bool(written and written.is_loading),
            "response_message_ephemeral": bool(written and written.is_ephemeral),
        }
    }
    if written:
        told["resource"] = {"type": request.body["type"], "message": written.payload()}
    return told


def _about(world: "World", interaction: Interaction, message_id: str, request: Request) -> Answer:
    message = _original(interaction) if message_id == "@original" else None
    message = message or known_message(world, message_id)
    match request.method:
        case "GET":
            return message.payload()
        case "PATCH":
            check_content(request.body)
            return interaction.fill_in(message, request.body, request.files).payload()
        case "DELETE":
            message.is_deleted = True
            return None
    raise NoRoute


def _original(interaction: Interaction) -> Message:
    if interaction.original is None:
        raise UNKNOWN_MESSAGE
    return interaction.original
