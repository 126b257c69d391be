"""Failures, noted for those who mend them, without what people wrote."""

import traceback
from typing import Final

import discord
import structlog

from bot.refusing import cause_of

TOKEN_IS_OVER: Final = 50027
"""Discord's number for an answer to a command or button of more than 15 minutes ago."""

log = structlog.get_logger()


def note_lateness(error: BaseException) -> bool:
    """Says whether an answer came too late, and notes it: what was answered is no more."""
    is_late = isinstance(error, discord.NotFound) or (
        isinstance(error, discord.HTTPException) and error.code == TOKEN_IS_OVER
    )
    if is_late:
        log.info("answer.too_late", code=getattr(error, "code", 0))
    return is_late


def note_failure(event: str, error: BaseException, **ids: object) -> None:
    """Logs where `error` happened and of which kind it is; its message may quote somebody."""
    cause = cause_of(error)
    frames = traceback.extract_tb(cause.__traceback__)
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    log.error(event, kind=type(cause).__name__, where=where, **ids)
