"""The voices that a member may choose from, remembered for a moment so that completion is quick."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from bot.deadline import within
from bot.ownership import is_own, may_use, owner_of
from services.chassis.errors import NotFoundError, ServiceError
from ttstrainer.inference.v1 import voice_service_pb2 as pb

FRESH_SECONDS = 30.0
ANSWER_SECONDS = 10.0


class AllVoices(Protocol):
    """See gateway.client.voices.VoiceClient."""

    def voices(self) -> AsyncIterator[pb.Voice]:
        """Yields all voices. Raises ServiceError."""
        ...


@dataclass
class VoiceList:
    """What the inference service can speak with, looked up again after half a minute."""

    client: AllVoices
    clock: Callable[[], float]
    completion_seconds: float = 2.0
    """How long completion may take; Discord drops what is offered after three."""
    _voices: tuple[pb.Voice, ...] = ()
    _looked_up: float = field(default=float("-inf"), init=False)

    async def offered(self, found: Awaitable[list[pb.Voice]]) -> list[pb.Voice]:
        """Returns what is `found` for completion: nothing while the service does not answer."""
        try:
            async with within(self.completion_seconds):
                return await found
        except ServiceError:
            return []

    async def usable(self, guild_id: int, user_id: int) -> list[pb.Voice]:
        """Returns the voices that a member may speak with, their own ones first.

        Raises:
            ServiceError: the service does not answer.
        """
        found = [
            voice
            for voice in await self._all()
            if voice.state == pb.VOICE_STATE_READY and may_use(voice.voice_id, guild_id, user_id)
        ]
        return sorted(found, key=lambda it: not is_own(it.voice_id, guild_id, user_id))

    async def own(self, guild_id: int, user_id: int) -> list[pb.Voice]:
        """Returns the voices that a member has cloned in a guild. Raises ServiceError."""
        return [v for v in await self._all() if is_own(v.voice_id, guild_id, user_id)]

    async def all_of(self, user_id: int) -> list[pb.Voice]:
        """Returns the voices that a person has cloned in any guild, as of now."""
        self.forget()
        owners = [(voice, owner_of(voice.voice_id)) for voice in await self._all()]
        return [voice for voice, owner in owners if owner and owner[1] == user_id]

    async def chosen(self, name: str, guild_id: int, user_id: int) -> pb.Voice:
        """Returns the voice of this id, or of this name for people.

        Raises:
            NotFoundError: the member may use none of this name.
            ServiceError: the service does not answer.
        """
        return _named(name, await self.usable(guild_id, user_id))

    async def own_chosen(self, name: str, guild_id: int, user_id: int) -> pb.Voice:
        """Returns the member's own voice of this name; their only one when there is no name.

        Raises:
            NotFoundError: there is none, or it cannot be told which.
            ServiceError: the service does not answer.
        """
        own = await self.own(guild_id, user_id)
        if not own:
            message = "You have no voice of your own here yet: `clone` makes one."
            raise NotFoundError(message, reason="NO_OWN_VOICE")
        if name:
            return _named(name, own)
        if len(own) == 1:
            return own[0]
        names = ", ".join(map(shown_name, own))
        message = (
            f"You have {len(own)} voices of your own here ({names}): name one of them, or choose "
            "it before with `voice`."
        )
        raise NotFoundError(message, reason="WHICH_OWN_VOICE")

    def forget(self) -> None:
        """Looks the voices up at the next question: one was made or removed."""
        self._looked_up = float("-inf")

    async def _all(self) -> tuple[pb.Voice, ...]:
        if self.clock() - self._looked_up > FRESH_SECONDS:
            async with within(ANSWER_SECONDS):
                self._voices = tuple([voice async for voice in self.client.voices()])
            self._looked_up = self.clock()
        return self._voices


def shown_name(voice: pb.Voice) -> str:
    """Returns the name of a voice for people."""
    return voice.display_name or voice.voice_id


def _named(name: str, voices: list[pb.Voice]) -> pb.Voice:
    wanted = name.strip().casefold()
    for voice in voices:
        if wanted == voice.voice_id.casefold():
            return voice
    for voice in voices:
        if wanted == shown_name(voice).casefold():
            return voice
    message = "There is no such voice: `voices` lists those that you can use."
    raise NotFoundError(message, reason="NO_SUCH_VOICE")
