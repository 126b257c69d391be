"""How Discord says no."""

from aiohttp import web

from tests.discord_double.payloads import Json


class Refusal(Exception):  # noqa: N818 - it is no error of the double
    """An answer with a status, and Discord's own number for the reason."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"message": message, "code": code}


def answer(body: Json | list[Json], status: int = 200, **headers: str) -> web.Response:
    """Returns JSON; discord.py reads it only if the type is this one, without a charset."""
    return web.Response(
        body=web.json_response(body).body,
        status=status,
        headers={"Content-Type": "application/json", **headers},
    )


UNAUTHORIZED = Refusal(401, 0, "401: Unauthorized")
UNKNOWN_CHANNEL = Refusal(404, 10003, "Unknown Channel")
UNKNOWN_MEMBER = Refusal(404, 10007, "Unknown Member")
UNKNOWN_MESSAGE = Refusal(404, 10008, "Unknown Message")
UNKNOWN_USER = Refusal(404, 10013, "Unknown User")
MISSING_ACCESS = Refusal(403, 50001, "Missing Access")
CLOSED_DOORS = Refusal(403, 50007, "Cannot send messages to this user")
MISSING_PERMISSIONS = Refusal(403, 50013, "Missing Permissions")
EMPTY_MESSAGE = Refusal(400, 50006, "Cannot send an empty message")
TOO_LONG = Refusal(400, 50035, "Invalid Form Body\nIn content: Must be 2000 or fewer in length.")
EMBED_TOO_LONG = Refusal(
    400, 50035, "Invalid Form Body\nIn embeds.0.description: Must be 4096 or fewer in length."
)
