"""The token of the bot's account."""

from collections.abc import Mapping

from gateway.embedded.environment import TOKEN_VARIABLES

WHERE_TOKENS_ARE = "https://discord.com/developers/applications (your application, page Bot)"
NO_TOKEN = f"The bot needs a token: set DISCORD_TOKEN, copied from {WHERE_TOKENS_ARE}."


def token_in(environment: Mapping[str, str]) -> str:
    """Returns the token that the environment holds, or an empty text."""
    return next((environment[name] for name in TOKEN_VARIABLES if environment.get(name)), "")
