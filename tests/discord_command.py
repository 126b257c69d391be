"""`tts-trainer discord-bot` in the double of Discord: `python -m tests.discord_command`."""

import os
import sys

from gateway.cli.discord.run_bot import RunBot
from gateway.cli.discord.token import token_in
from gateway.cli.session import exit_with

if __name__ == "__main__":
    # All is as people have it but for the way to Discord, which the bot finds in its environment.
    server = sys.argv[1] if len(sys.argv) > 1 else ""
    exit_with(RunBot(token_in(os.environ), "tests.bot_process"), server, as_json=False, debug=False)
