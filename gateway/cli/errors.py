"""What a command tells the person who gave it when it cannot go on."""


class CommandError(Exception):
    """The command failed; the message says why and what to do."""


class UsageError(CommandError):
    """What was asked for makes no sense, or names what is not there."""
