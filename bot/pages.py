"""Long answers, a page at a time, which the one who asked can turn."""

from collections.abc import Sequence

import discord

from bot.buttons import OfOneMember
from bot.request import Request, show

TURNING_SECONDS = 180.0
MOST_CHARACTERS = 4096
"""Discord refuses an embed with a longer description."""
NOT_YOURS = "Ask for a list of your own to turn its pages."


class Pages(OfOneMember):
    """Two buttons under a page."""

    def __init__(self, asker_id: int, pages: Sequence[discord.Embed]) -> None:
        """Starts at the first of `pages`; lets `asker_id` alone turn them."""
        super().__init__(asker_id, not_yours=NOT_YOURS, timeout_seconds=TURNING_SECONDS)
        self._pages = pages
        self._shown = 0
        self.message: discord.Message | None = None

    async def on_timeout(self) -> None:
        """Takes the buttons away: they do nothing any more."""
        if self.message is not None:
            await show(self.message, view=None)

    @discord.ui.button(label="Back", style=discord.ButtonStyle.secondary)
    async def back(
        self, interaction: discord.Interaction, _button: "discord.ui.Button[Pages]"
    ) -> None:
        """Shows the page before; the last one before the first."""
        await self._turn(interaction, -1)

    @discord.ui.button(label="Next", style=discord.ButtonStyle.secondary)
    async def forward(
        self, interaction: discord.Interaction, _button: "discord.ui.Button[Pages]"
    ) -> None:
        """Shows the next page; the first one after the last."""
        await self._turn(interaction, 1)

    async def _turn(self, interaction: discord.Interaction, step: int) -> None:
        self._shown = (self._shown + step) % len(self._pages)
        await interaction.response.edit_message(embed=self._pages[self._shown])


def paged(lines: Sequence[str], per_page: int) -> list[str]:
    """Returns pages of at most `per_page` of the lines, and of what Discord lets one hold."""
    pages: list[list[str]] = []
    room = 0
    for line in lines:
        cost = len(line) + 1
        if not pages or cost > room or len(pages[-1]) == per_page:
            pages.append([])
            room = MOST_CHARACTERS + 1  # the last line has no end
        pages[-1].append(line)
        room -= cost
    return ["\n".join(page) for page in pages]


async def show_pages(ctx: Request, title: str, lines: Sequence[str], *, per_page: int) -> None:
    """Answers with `lines`, at most so many on a page."""
    parts = paged(lines, per_page)
    embeds = [
        discord.Embed(title=title, description=part).set_footer(
            text=f"Page {number} of {len(parts)}"
        )
        for number, part in enumerate(parts, 1)
    ]
    if len(embeds) == 1:
        await ctx.tell("", embed=embeds[0].remove_footer())
        return
    view = Pages(ctx.author.id, embeds)
    view.message = await ctx.tell("", embed=embeds[0], view=view)
