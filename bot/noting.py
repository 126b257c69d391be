"""Failures that nobody foresaw, noted for those who mend them, without what people wrote."""

import traceback

import structlog

from bot.refusing import cause_of

log = structlog.get_logger()


def note_failure(event: str, error: BaseException, **ids: object) -> None:
    """Logs where `error` happened and of which kind it is; its message may quote somebody."""
    cause = cause_of(error)
    frames = traceback.extract_tb(cause.__traceback__)
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    log.error(event, kind=type(cause).__name__, where=where, **ids)
