"""Buttons under a message, for the one who asked for them."""

from typing import Any

import discord

from bot.noting import note_failure, note_lateness


class OfOneMember(discord.ui.View):
    """Buttons for one member."""

    def __init__(self, member_id: int, *, not_yours: str, timeout_seconds: float) -> None:
        """Tells everybody else `not_yours`."""
        super().__init__(timeout=timeout_seconds)
        self._member_id = member_id
        self._not_yours = not_yours

    async def interaction_check(self, interaction: discord.Interaction) -> bool:
        """Turns everybody else away."""
        if interaction.user.id == self._member_id:
            return True
        await interaction.response.send_message(self._not_yours, ephemeral=True)
        return False

    async def on_error(
        self,
        _interaction: discord.Interaction,
        error: Exception,
        _item: discord.ui.Item[Any],
        /,
    ) -> None:
        """Notes what went wrong as it was pressed."""
        if not note_lateness(error):
            note_failure("button.failed", error)
