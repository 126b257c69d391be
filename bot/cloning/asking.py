"""Questions with buttons that only the one who asked may press."""

import asyncio

import discord

from bot.buttons import OfOneMember
from bot.cloning.statement import question
from bot.request import Request, show

NOT_YOURS = "Only the person whose voice it is can answer this."
THANKS = "Thank you. I am listening to the recording …"
DECLINED = "All right: nothing was kept."
UNANSWERED = "Nobody answered, so nothing was kept. Ask again when you are ready."


class Question(OfOneMember):
    """Yes or no; no answer is no."""

    def __init__(
        self, member_id: int, *, yes: tuple[str, str], no: tuple[str, str], timeout_seconds: float
    ) -> None:
        """Shows two buttons; each has a label, and the words that follow when it is pressed."""
        super().__init__(member_id, not_yours=NOT_YOURS, timeout_seconds=timeout_seconds)
        self._words = {True: yes[1], False: no[1]}
        self.is_agreed = False
        self.agree.label, self.decline.label = yes[0], no[0]

    @discord.ui.button(style=discord.ButtonStyle.success)
    async def agree(
        self, interaction: discord.Interaction, _button: "discord.ui.Button[Question]"
    ) -> None:
        """Yes."""
        self.is_agreed = True
        await self._close(interaction)

    @discord.ui.button(style=discord.ButtonStyle.secondary)
    async def decline(
        self, interaction: discord.Interaction, _button: "discord.ui.Button[Question]"
    ) -> None:
        """No."""
        await self._close(interaction)

    async def _close(self, interaction: discord.Interaction) -> None:
        self.stop()
        await interaction.response.edit_message(content=self._words[self.is_agreed], view=None)


class Done(OfOneMember):
    """One button that ends something."""

    def __init__(self, member_id: int, finished: asyncio.Event, *, timeout_seconds: float) -> None:
        """Sets `finished` when it is pressed."""
        super().__init__(member_id, not_yours=NOT_YOURS, timeout_seconds=timeout_seconds)
        self._finished = finished

    @discord.ui.button(label="Done", style=discord.ButtonStyle.primary)
    async def done(
        self, interaction: discord.Interaction, _button: "discord.ui.Button[Done]"
    ) -> None:
        """The member says so."""
        self._finished.set()
        self.stop()
        await interaction.response.edit_message(view=None)


async def asked_for_consent(
    ctx: Request, *, timeout_seconds: float, then: str = THANKS
) -> discord.Message | None:
    """Asks the author of a command; returns the message with the question where they agreed."""
    view = Question(
        ctx.author.id,
        yes=("I agree, it is my voice", then),
        no=("No", DECLINED),
        timeout_seconds=timeout_seconds,
    )
    name = discord.utils.escape_markdown(ctx.author.display_name)
    message = await ctx.tell(question(name), view=view)
    if await view.wait():
        await show(message, content=UNANSWERED, view=None)
    return message if view.is_agreed else None


async def asked_to_keep(ctx: Request, message: discord.Message, *, timeout_seconds: float) -> bool:
    """Asks under `message` whether a voice is kept; says whether it is."""
    view = Question(
        ctx.author.id,
        yes=("Keep it", "It is your voice now."),
        no=("Delete it", "It is deleted, and your consent is withdrawn."),
        timeout_seconds=timeout_seconds,
    )
    await show(message, view=view)
    if await view.wait():
        await show(message, content=UNANSWERED, view=None, attachments=[])
    return view.is_agreed
