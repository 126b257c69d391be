"""What people are told when something goes wrong."""

import pytest
from discord import app_commands
from discord.ext import commands

from bot.refusing import RefusedError, cause_of, words_for
from services.chassis.errors import (
    ConflictError,
    DeadlineExceededError,
    InvalidInputError,
    OverloadedError,
    ServiceError,
    ShutdownError,
    UnauthenticatedError,
    UnavailableError,
)


def invoked(error: Exception) -> commands.CommandInvokeError:
    return commands.CommandInvokeError(error)


def test_a_refusal_of_ours_is_told_as_it_is() -> None:
    assert words_for(invoked(RefusedError("Join first."))) == "Join first."


def test_what_a_service_finds_wrong_with_a_recording_is_told_as_it_is() -> None:
    error = InvalidInputError("It holds 0.2 s of speech; at least 3 s are needed.")
    assert words_for(invoked(error)) == error.message


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (UnavailableError("connection refused at 10.0.0.7:50057"), "does not answer"),
        (DeadlineExceededError("deadline exceeded after 3 s"), "does not answer"),
        (ShutdownError("inference is draining"), "does not answer"),
        (OverloadedError("64 streams wait"), "Too many people"),
        (UnauthenticatedError("bearer token missing"), "person who runs me"),
        (ConflictError("run tts-trainer engines load", reason="LICENCE_NOT_ACCEPTED"), "licence"),
        (ConflictError("joe-1 withdrawn", reason="VOICE_WITHDRAWN"), "`voice`"),
    ],
)
def test_what_is_meant_for_those_who_run_services_is_said_in_other_words(
    error: ServiceError, word: str
) -> None:
    words = words_for(invoked(error))
    assert words is not None
    assert word in words
    assert error.message not in words


def test_a_missing_permission_is_named() -> None:
    words = words_for(commands.MissingPermissions(["manage_guild"]))
    assert words is not None
    assert "“Manage Guild”" in words


def test_who_asks_too_often_is_told_for_how_long_to_wait() -> None:
    cooldown = commands.Cooldown(1, 60.0)
    error = commands.CommandOnCooldown(cooldown, 12.2, commands.BucketType.member)
    words = words_for(error)
    assert words is not None
    assert "Wait 13 s" in words


def test_nobody_foresaw_a_bug_and_its_text_is_not_told() -> None:
    assert words_for(invoked(ValueError("a secret"))) is None


def test_what_happened_is_found_in_all_that_is_wrapped_around_it() -> None:
    cause = InvalidInputError("no")
    slashed = app_commands.CommandInvokeError.__new__(app_commands.CommandInvokeError)
    slashed.original = cause
    assert cause_of(commands.HybridCommandError(slashed)) is cause
