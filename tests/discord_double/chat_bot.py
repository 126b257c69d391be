"""A bot that does what bots do in chat: messages, files, commands, buttons, menus and forms."""

# mypy solves the types of discord.py's decorators for no function at all.
# mypy: disable-error-code="arg-type"

import io

import discord
from discord import app_commands
from discord.ext import commands

from tests.discord_double.world import World

VOICES = ("joe", "anna", "johanna")


class Chat(commands.Cog):
    """A command for each thing that a bot can do in chat."""

    @commands.hybrid_command()
    async def echo(
        self, ctx: commands.Context[commands.Bot], text: str, times: int = 1, loud: bool = False
    ) -> None:
        """Says it again."""
        await ctx.reply(" ".join([text.upper() if loud else text] * times), ephemeral=loud)

    @commands.hybrid_command()
    async def who(
        self,
        ctx: commands.Context[commands.Bot],
        member: discord.Member,
        channel: discord.VoiceChannel,
        rate: float,
    ) -> None:
        """Names things."""
        await ctx.send(f"{member.display_name} in {channel.name} at {rate}")

    @commands.hybrid_command()
    async def size(self, ctx: commands.Context[commands.Bot], file: discord.Attachment) -> None:
        """Reads a file, slowly, and sends it back."""
        await ctx.defer()
        content = await file.read()
        sent = discord.File(io.BytesIO(content[::-1]), "back.bin")
        await ctx.send(f"{file.filename} {file.size} {len(content)}", file=sent)

    @commands.hybrid_command()
    async def voice(self, ctx: commands.Context[commands.Bot], name: str) -> None:
        """Chooses a voice."""
        await ctx.send(f"voice {name}")

    @voice.autocomplete("name")
    async def voice_names(
        self, _: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        found = [name for name in VOICES if name.startswith(typed)]
        return [app_commands.Choice(name=name.title(), value=name) for name in found]

    @commands.hybrid_group()
    async def words(self, ctx: commands.Context[commands.Bot]) -> None:
        """Holds what follows."""

    @words.command()
    async def add(self, ctx: commands.Context[commands.Bot], word: str) -> None:
        """Adds one."""
        await ctx.send(f"added {word}")

    @commands.hybrid_command()
    async def ask(self, ctx: commands.Context[commands.Bot]) -> None:
        """Asks."""
        await ctx.send("Sure?", view=Question())

    @commands.command()
    async def quoted(self, ctx: commands.Context[commands.Bot]) -> None:
        """Answers with what was replied to."""
        reference = ctx.message.reference
        assert reference
        assert reference.message_id
        message = await ctx.channel.fetch_message(reference.message_id)
        await ctx.send(f"{message.author.name}: {message.attachments[0].filename}")

    @commands.command()
    async def progress(self, ctx: commands.Context[commands.Bot]) -> None:
        """Sends a message and changes it."""
        message = await ctx.send("0 %")
        await ctx.message.add_reaction("\N{EYES}")
        await message.edit(content="100 %")

    @commands.command()
    async def whisper(self, ctx: commands.Context[commands.Bot]) -> None:
        """Writes in private."""
        await ctx.author.send("psst")


class Question(discord.ui.View):
    """Buttons, a menu, and a button that shows a form."""

    @discord.ui.button(label="Yes")
    async def yes(
        self, interaction: discord.Interaction, _: discord.ui.Button[discord.ui.View]
    ) -> None:
        await interaction.response.edit_message(content="It is.", view=None)

    @discord.ui.button(label="Later")
    async def later(
        self, interaction: discord.Interaction, _: discord.ui.Button[discord.ui.View]
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send("Now.", ephemeral=True)
        await interaction.followup.send("And again.", ephemeral=True)

    @discord.ui.button(label="Why")
    async def why(
        self, interaction: discord.Interaction, _: discord.ui.Button[discord.ui.View]
    ) -> None:
        await interaction.response.send_modal(Reason())

    @discord.ui.button(label="Never", disabled=True)
    async def never(
        self, interaction: discord.Interaction, _: discord.ui.Button[discord.ui.View]
    ) -> None:
        raise AssertionError

    @discord.ui.select(
        options=[discord.SelectOption(label="Red"), discord.SelectOption(label="Blue")]
    )
    async def colour(
        self, interaction: discord.Interaction, menu: discord.ui.Select[discord.ui.View]
    ) -> None:
        await interaction.response.send_message(f"{menu.values[0]}!", ephemeral=True)


class Reason(discord.ui.Modal, title="Why"):
    """A form of one line."""

    reason: discord.ui.TextInput["Reason"] = discord.ui.TextInput(
        label="Reason", custom_id="reason"
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"Because {self.reason.value}.")


class ChatBot(commands.Bot):
    """A bot with the commands above."""

    def __init__(self, world: World) -> None:
        intents = discord.Intents.default()
        intents.message_content = True
        super().__init__("!", intents=intents, connector=world.connector(), guild_ready_timeout=0.1)

    async def setup_hook(self) -> None:
        await self.add_cog(Chat())
        await self.tree.sync()
