"""The client of Discord: commands in, answers out, errors in words."""

import math
import sys
import time
from typing import Any

import aiohttp
import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot import metrics
from bot.admission import refuse_if_barred
from bot.floods import Floods
from bot.invitation import invitation
from bot.noting import note_failure, note_lateness
from bot.refusing import SORRY, RefusedError, cause_of, words_for
from bot.request import Request
from bot.state.book import Book

OPEN_TO_ALL = frozenset({"delete", "forget", "help"})
"""What also those may ask who may not use the bot: their data stays theirs."""
OPEN_IN_PRIVATE = frozenset({"forget", "help"})
"""What can be asked without a server."""
UNHURRIED = frozenset({"say"})
"""What has limits of its own."""
MOST_COMMANDS, WHILE_SECONDS = 20, 30.0
"""So many commands may a person give in so many seconds: each answer takes Discord's time."""
DONE = "done"
REFUSED = "refused"
FAILED = "failed"

log = structlog.get_logger()


class Tree(app_commands.CommandTree[commands.Bot]):
    """The slash commands."""

    async def on_error(
        self, interaction: discord.Interaction[commands.Bot], error: app_commands.AppCommandError
    ) -> None:
        """Answers for what goes wrong before a command is found."""
        words = words_for(error)
        if words is None:
            note_failure("interaction.failed", error)
        if interaction.response.is_done():
            return
        try:
            await interaction.response.send_message(words or SORRY, ephemeral=True)
        except discord.HTTPException as refusal:
            if not note_lateness(refusal):
                raise


class SpeakingBot(commands.Bot):
    """Speaks for members of guilds."""

    def __init__(
        self,
        book: Book,
        connector: aiohttp.BaseConnector,
        *,
        prefix: str = "!",
        sync_commands: bool = True,
        guild_ready_seconds: float = 2.0,
    ) -> None:
        """Asks `book` who may use it; reaches Discord by `connector`, which it closes.

        Is ready when Discord has told of no further guild for `guild_ready_seconds`.
        """
        intents = discord.Intents.default()
        intents.message_content = True
        super().__init__(
            commands.when_mentioned_or(prefix),
            intents=intents,
            tree_cls=Tree,
            help_command=None,
            case_insensitive=True,
            strip_after_prefix=True,
            allowed_mentions=discord.AllowedMentions.none(),
            connector=connector,
            guild_ready_timeout=guild_ready_seconds,
        )
        self._book = book
        self._syncs_commands = sync_commands
        self._floods = Floods(time.monotonic)
        self._paces = commands.CooldownMapping.from_cooldown(
            MOST_COMMANDS, WHILE_SECONDS, commands.BucketType.user
        )
        self._waiting_cogs: tuple[commands.Cog, ...] = ()
        self.add_check(self._may_be_used)

    def equip(self, *cogs: commands.Cog) -> None:
        """Gives it its commands, before it starts."""
        self._waiting_cogs = cogs

    async def setup_hook(self) -> None:
        """Knows its commands, and tells Discord of them."""
        for cog in self._waiting_cogs:
            await self.add_cog(cog)
        if not self._syncs_commands:
            return
        try:
            await self.tree.sync()
        except discord.HTTPException as error:
            log.warning("commands.not_synced", status=error.status, code=error.code)

    async def get_context(
        self,
        origin: discord.Message | discord.Interaction,
        /,
        *,
        cls: Any = Request,  # noqa: ANN401 - as the overridden method has it
    ) -> Any:  # noqa: ANN401
        """Gives each command as a Request."""
        return await super().get_context(origin, cls=cls)

    async def on_ready(self) -> None:
        """Tells how it is invited; also after a connection was lost for long."""
        link = invitation(self.application_id) if self.application_id else ""
        metrics.GUILDS.set(len(self.guilds))
        log.info("discord.ready", guild_count=len(self.guilds), invitation=link)

    async def on_command_completion(self, ctx: Request) -> None:
        """Counts it."""
        _count(ctx, DONE)

    async def on_command_error(
        self, ctx: commands.Context[Any], error: commands.CommandError, /
    ) -> None:
        """Tells the person what went wrong; what nobody foresaw is noted without their words."""
        if isinstance(error, commands.CommandNotFound):
            return  # another bot may be meant
        cause = cause_of(error)
        if note_lateness(cause):
            return
        words = words_for(error)
        _count(ctx, FAILED if words is None else REFUSED)
        if words is None:
            note_failure("command.failed", error, command=_name(ctx))
        if ctx.interaction is None and self._is_flood(ctx, error):
            return
        try:
            await _answer(ctx, words or SORRY)
        except discord.HTTPException as refusal:
            log.warning("answer.not_sent", status=refusal.status, code=refusal.code)

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:  # noqa: ANN401
        """Notes what an event led to, without what it was about."""
        error = sys.exception()
        if error is not None:
            note_failure("event.failed", error, name=event_method)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Counts the guilds."""
        log.info("guild.joined", guild_id=guild.id)
        metrics.GUILDS.set(len(self.guilds))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Forgets a guild that does not want the bot any more."""
        log.info("guild.left", guild_id=guild.id)
        metrics.GUILDS.set(len(self.guilds))
        await self._book.forget_guild(guild.id)

    def _is_flood(self, ctx: commands.Context[Any], error: commands.CommandError) -> bool:
        cause = cause_of(error)
        if isinstance(cause, RefusedError) and cause.is_flood:
            return not self._floods.may_tell(ctx.author.id)
        # What is said has limits of its own; what cannot be said comes to none of them.
        return _name(ctx) in UNHURRIED and self._wait_seconds(ctx) > 0

    async def _may_be_used(self, ctx: commands.Context[Any]) -> bool:
        name = _name(ctx)
        if not isinstance(ctx.author, discord.Member):
            if name not in OPEN_IN_PRIVATE:
                raise commands.NoPrivateMessage
        elif name not in OPEN_TO_ALL:
            refuse_if_barred(self._book, ctx.author)
        if name not in UNHURRIED:
            self._refuse_if_hasty(ctx)
        return True

    def _refuse_if_hasty(self, ctx: commands.Context[Any]) -> None:
        if wait := self._wait_seconds(ctx):
            words = f"That was fast. Wait {math.ceil(wait)} s, please."
            raise RefusedError(words, is_flood=True)

    def _wait_seconds(self, ctx: commands.Context[Any]) -> float:
        """Counts a command of a person, and returns how long that is too early."""
        pace = self._paces.get_bucket(ctx)
        return (pace.update_rate_limit() if pace else None) or 0.0


def _name(ctx: commands.Context[Any]) -> str:
    return ctx.command.qualified_name if ctx.command else ""


async def _answer(ctx: commands.Context[Any], words: str) -> None:
    if ctx.interaction is None:
        reference = ctx.message.to_reference(fail_if_not_exists=False)
        await ctx.send(words, reference=reference, mention_author=False)
    else:
        await ctx.send(words, ephemeral=True)


def _count(ctx: commands.Context[Any], outcome: str) -> None:
    if ctx.command is not None:
        metrics.COMMANDS.labels(ctx.command.qualified_name, outcome).inc()
