"""Commands that can be written and slashed alike, with types that a checker can follow."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from discord.ext import commands

from bot.request import Request

CogT = TypeVar("CogT", bound=commands.Cog)
GroupCogT = TypeVar("GroupCogT", bound=commands.Cog)
P = ParamSpec("P")
GroupP = ParamSpec("GroupP")

Callback = Callable[Concatenate[CogT, Request, P], Coroutine[Any, Any, None]]


def command(
    name: str = "", *, aliases: Sequence[str] = ()
) -> Callable[[Callback[CogT, P]], commands.HybridCommand[CogT, P, None]]:
    """Makes a method a command; it is called as the method is where no `name` is given."""

    def made(callback: Callback[CogT, P]) -> commands.HybridCommand[CogT, P, None]:
        return commands.HybridCommand(callback, **_named(name), aliases=list(aliases))  # type: ignore[arg-type] # each context is a Request

    return made


def group(fallback: str) -> Callable[[Callback[CogT, P]], commands.HybridGroup[CogT, P, None]]:
    """Makes a method a command with commands below it; slashed, it is called `fallback` itself."""

    def made(callback: Callback[CogT, P]) -> commands.HybridGroup[CogT, P, None]:
        return commands.HybridGroup(callback, fallback=fallback, invoke_without_command=True)

    return made


def below(
    parent: commands.HybridGroup[GroupCogT, GroupP, None], name: str = ""
) -> Callable[[Callback[CogT, P]], commands.HybridCommand[CogT, P, None]]:
    """Makes a method a command below another one."""

    def made(callback: Callback[CogT, P]) -> commands.HybridCommand[CogT, P, None]:
        added: commands.HybridCommand[CogT, P, None] = commands.HybridCommand(
            callback,  # type: ignore[arg-type] # as above
            **_named(name),
            parent=parent,
        )
        parent.add_command(added)  # type: ignore[arg-type] # of the same cog
        return added

    return made


def _named(name: str) -> dict[str, Any]:
    return {"name": name} if name else {}
