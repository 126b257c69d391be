"""The bot's life on Discord, and what keeps it from one."""

import aiohttp
import discord

from bot.settings import WHERE_TOKENS_ARE
from bot.speaking_bot import SpeakingBot
from bot.state.book import Book
from services.chassis.errors import ConflictError, InvalidInputError, UnavailableError

BAD_TOKEN_CODE = 4004
"""Discord's gateway closes with it when a token was changed."""


async def stay_connected(bot: SpeakingBot, book: Book, token: str) -> None:
    """Lives on Discord until it is cancelled; outages are waited out once it was connected.

    Raises:
        InvalidInputError: Discord does not know the token.
        ConflictError: the application may not read messages.
        UnavailableError: Discord is not there at the start.
    """
    await book.ready()
    try:
        await bot.start(token)
    except discord.LoginFailure as error:
        raise _bad_token() from error
    except discord.PrivilegedIntentsRequired as error:
        message = (
            "Discord does not let the bot read messages: switch “Message Content Intent” on at "
            f"{WHERE_TOKENS_ARE}."
        )
        raise ConflictError(message, reason="INTENT_MISSING") from error
    except discord.ConnectionClosed as error:
        if error.code == BAD_TOKEN_CODE:
            raise _bad_token() from error
        raise _unreachable(f"code {error.code}") from error
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        raise _unreachable(type(error).__name__) from error


def _bad_token() -> InvalidInputError:
    message = f"Discord does not accept the token: copy it anew from {WHERE_TOKENS_ARE}."
    return InvalidInputError(message, reason="BAD_TOKEN")


def _unreachable(why: str) -> UnavailableError:
    message = f"Discord cannot be reached ({why}): check the way to discord.com."
    return UnavailableError(message, reason="DISCORD_UNREACHABLE")
