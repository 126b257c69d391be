"""The Discord bot, run from the command line."""
