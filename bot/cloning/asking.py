"""The question for a consent: two buttons that only the one who asked may press."""

import discord

from bot.cloning.statement import question

NOT_YOURS = "Only the person whose voice it is can answer this."
THANKS = "Thank you. I am listening to the recording …"
DECLINED = "All right: nothing was kept."
UNANSWERED = "Nobody answered, so nothing was kept. Ask again when you are ready."


class ConsentQuestion(discord.ui.View):
    """Waits for an answer; no answer is no consent."""

    def __init__(self, asker_id: int, *, timeout_seconds: float) -> None:
        """Lets `asker_id` alone answer."""
        super().__init__(timeout=timeout_seconds)
        self._asker_id = asker_id
        self.is_agreed = False

    async def interaction_check(self, interaction: discord.Interaction) -> bool:
        """Turns everybody else away."""
        if interaction.user.id == self._asker_id:
            return True
        await interaction.response.send_message(NOT_YOURS, ephemeral=True)
        return False

    @discord.ui.button(label="I agree, it is my voice", style=discord.ButtonStyle.success)
    async def agree(
        self, interaction: discord.Interaction, _button: "discord.ui.Button[ConsentQuestion]"
    ) -> None:
        """Takes the consent."""
        self.is_agreed = True
        await self._close(interaction, THANKS)

    @discord.ui.button(label="No", style=discord.ButtonStyle.secondary)
    async def decline(
        self, interaction: discord.Interaction, _button: "discord.ui.Button[ConsentQuestion]"
    ) -> None:
        """Ends it."""
        await self._close(interaction, DECLINED)

    async def _close(self, interaction: discord.Interaction, words: str) -> None:
        self.stop()
        await interaction.response.edit_message(content=words, view=None)


async def asked_for_consent(
    ctx: "discord.ext.commands.Context[discord.ext.commands.Bot]", *, timeout_seconds: float
) -> discord.Message | None:
    """Asks the author of a command; returns the message with the question where they agreed."""
    view = ConsentQuestion(ctx.author.id, timeout_seconds=timeout_seconds)
    name = discord.utils.escape_markdown(ctx.author.display_name)
    message = await ctx.send(question(name), view=view, ephemeral=True)
    if await view.wait():
        await message.edit(content=UNANSWERED, view=None)
    return message if view.is_agreed else None
