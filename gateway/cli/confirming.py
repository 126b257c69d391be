"""Asks before something is done that cannot be taken back."""

import sys

import typer

from gateway.cli.errors import CommandError, UsageError


def confirm(question: str, *, agreed: bool, flag: str, may_ask: bool) -> None:
    """Returns when the person agrees, or has agreed with `flag` as scripts do.

    To be called before an event loop runs, so that a Ctrl-C at the question ends the command.

    Raises:
        UsageError: nobody is there to ask.
        CommandError: the answer is no.
    """
    if agreed:
        return
    if not may_ask or not sys.stdin.isatty():
        raise UsageError(f"{question} Nobody is there to ask: agree with {flag}.")
    if not typer.confirm(question, err=True):
        raise CommandError("Nothing was changed.")
