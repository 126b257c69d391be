"""Which of a guild's channels are no more."""

from collections.abc import Iterable

import discord


async def deleted(guild: discord.Guild, channel_ids: Iterable[int]) -> frozenset[int]:
    """Returns those that were deleted, or never were in this guild; in doubt none was."""
    unknown = [each for each in channel_ids if guild.get_channel_or_thread(each) is None]
    return frozenset([each for each in unknown if not await _is_there(guild, each)])


async def _is_there(guild: discord.Guild, channel_id: int) -> bool:
    """Asks Discord: threads that are archived are not in memory."""
    try:
        await guild.fetch_channel(channel_id)
    except (discord.NotFound, discord.InvalidData):
        return False
    except discord.HTTPException:
        return True  # one that the bot may not see, or nobody knows
    return True
