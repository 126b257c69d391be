"""What went wrong, in words that say what to do next."""

import math
from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from services.chassis.errors import (
    DeadlineExceededError,
    OverloadedError,
    ServiceError,
    UnauthenticatedError,
    UnavailableError,
)

SORRY: Final = "Something went wrong on my side. It was noted; please try again."
_SILENT: Final = "What I need for that does not answer right now. Try again in a minute."
_BUSY: Final = "Too many people are speaking at once. Try again in a moment."
_TELL_THE_HOST: Final = "Tell the person who runs me"

_OF_REASON: Final = {
    "CONSENT_MISSING": "The consent was not found. Ask again with `clone`.",
    "CONSENT_WITHDRAWN": "The consent was withdrawn. Ask again with `clone`.",
    "EMPTY_TEXT": "There is nothing in that which can be spoken.",
    "FILE_TOO_LARGE": "That would be too large a file. Say less at once.",
    "LICENCE_NOT_ACCEPTED": f"No model that clones may be used yet. {_TELL_THE_HOST}: its licence "
    "has to be accepted first.",
    "MODEL_CANNOT_CLONE": f"There is no model here that clones voices. {_TELL_THE_HOST}.",
    "MODEL_MISSING": f"There is no model here that clones voices. {_TELL_THE_HOST}.",
    "MODEL_NOT_INSTALLED": f"A model that this needs is not installed. {_TELL_THE_HOST}.",
    "TEXT_TOO_LONG": "That is too long. Say less at once.",
    "VOICE_NOT_FOUND": "That voice is not there any more. Choose another one with `voice`.",
    "VOICE_WITHDRAWN": "That voice may not speak any more. Choose another one with `voice`.",
}
"""For what the services would say to those who run them."""
_OF_KIND: Final[tuple[tuple[tuple[type[Exception], ...], str], ...]] = (
    (
        (commands.NoPrivateMessage, app_commands.NoPrivateMessage),
        "I can only do that in a server, not in private messages.",
    ),
    ((commands.MissingRequiredAttachment,), "Attach a file to your message."),
    (
        (commands.UserInputError, app_commands.TransformerError),
        "I did not understand that. `help` shows how it is written.",
    ),
    (
        (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch),
        "That command has changed. Restart Discord to see the new one.",
    ),
    (
        (discord.Forbidden,),
        "Discord does not allow me to do that here. Check my permissions in this server.",
    ),
)
"""What discord.py raises; the first kind that fits."""


class RefusedError(commands.CheckFailure):
    """What a person asked for is not done, and why is meant for them."""

    def __init__(self, words: str, *, is_flood: bool = False) -> None:
        """Says in `words` what to do next; of a flood, not every refusal is told."""
        super().__init__(words)
        self.words = words
        self.is_flood = is_flood


def words_for(error: BaseException) -> str | None:
    """Returns what to tell the person who caused `error`; None for what nobody foresaw."""
    cause = cause_of(error)
    match cause:
        case RefusedError():
            return cause.words
        case ServiceError():
            return _words_of_service(cause)
        case commands.MissingPermissions():
            return f"For that you need the permission {_listed(cause.missing_permissions)} here."
        case commands.CommandOnCooldown():
            return f"That was often. Wait {math.ceil(cause.retry_after)} s, please."
        case commands.MissingRequiredArgument(param=param):
            return f"You left out `{param.displayed_name or param.name}`. Try `help`."
        case _:
            return next((words for kinds, words in _OF_KIND if isinstance(cause, kinds)), None)


def cause_of(error: BaseException) -> BaseException:
    """Returns what really happened, out of what discord.py wraps around it."""
    while isinstance(
        error,
        commands.CommandInvokeError
        | commands.HybridCommandError
        | commands.ConversionError
        | app_commands.CommandInvokeError,
    ):
        error = error.original
    return error


def _words_of_service(error: ServiceError) -> str:
    match error:
        case OverloadedError():
            return _BUSY
        case UnavailableError(reason="FETCH_FAILED"):
            return error.message
        case UnavailableError() | DeadlineExceededError():
            return _SILENT
        case UnauthenticatedError():
            return f"The speech server does not let me in. {_TELL_THE_HOST}."
        case _ if error.retryable:
            return _SILENT
        case _:
            return _OF_REASON.get(error.reason, error.message)


def _listed(permissions: list[str]) -> str:
    names = [f"“{name.replace('_', ' ').title()}”" for name in permissions]
    return " and ".join(names)
