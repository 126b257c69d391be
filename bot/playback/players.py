"""The players of all guilds."""

import asyncio

from bot.playback.guild_player import GuildPlayer
from bot.playback.patience import VoicePatience
from bot.speech.source import SpeechSource


class Players:
    """A player for each guild, made when it is first asked for."""

    def __init__(self, speech: SpeechSource, patience: VoicePatience | None = None) -> None:
        """Has all that is spoken spoken by `speech`."""
        self._speech = speech
        self._patience = patience or VoicePatience()
        self._players: dict[int, GuildPlayer] = {}

    def of(self, guild_id: int) -> GuildPlayer:
        """Returns the player of a guild."""
        if guild_id not in self._players:
            self._players[guild_id] = GuildPlayer(self._speech, self._patience)
        return self._players[guild_id]

    async def forget(self, guild_id: int) -> None:
        """Leaves a guild for good."""
        player = self._players.pop(guild_id, None)
        if player is not None:
            await player.aclose()

    async def aclose(self) -> None:
        """Leaves all channels, and leaves nothing running."""
        await asyncio.gather(*(player.aclose() for player in self._players.values()))
