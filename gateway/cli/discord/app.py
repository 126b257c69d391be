"""`tts-trainer discord-bot`: what it takes."""

import os
from typing import Annotated

import typer

from gateway.cli import options
from gateway.cli.discord.run_bot import RunBot
from gateway.cli.discord.token import token_in
from gateway.cli.exit_status import EPILOG
from gateway.cli.session import exit_with

discord_app = typer.Typer()


@discord_app.command("discord-bot", epilog=EPILOG)
def discord_bot(
    *,
    token: Annotated[
        str,
        typer.Option(
            help="The token of the bot's account. Others on this machine can see it here: better "
            "set DISCORD_TOKEN.",
            show_default=False,
        ),
    ] = "",
    server: options.Server = "",
    debug: options.Debug = False,
) -> None:
    """Run the Discord bot until Ctrl-C, with the services that it needs or those of a server.

    It prints the link by which it is invited.
    """
    exit_with(RunBot(token or token_in(os.environ)), server, as_json=False, debug=debug)
