"""People of a guild, and what they do: write, click, sit in channels and talk."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from discord.opus import Encoder

from tests.discord_double.interactions import Callback, Interaction, InteractionKind
from tests.discord_double.payloads import Json
from tests.discord_double.places import Channel, Role
from tests.discord_double.rtp import FRAME_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.discord_double.dave_peer import DavePeer
    from tests.discord_double.files import File
    from tests.discord_double.guilds import Guild
    from tests.discord_double.messages import Message
    from tests.discord_double.options import Value

_BUTTON, _MENU = 2, 3


@dataclass(eq=False)
class User:
    """Somebody with an account."""

    id: int
    name: str
    is_bot: bool = False

    @property
    def mention(self) -> str:
        """How others name them in a message."""
        return f"<@{self.id}>"


class Person:
    """A member of a guild; the same user is another person in another guild."""

    def __init__(self, user: User, guild: "Guild", nickname: str | None, roles: list[Role]) -> None:
        self.user = user
        self.guild = guild
        self.nickname = nickname
        self.roles = roles
        self.channel: Channel | None = None
        self.voice_session_id = f"session-{user.id}"
        self.is_muted = False
        self.is_suppressed = False
        self.self_deaf = False
        self.self_mute = False
        self.dave: DavePeer | None = None
        self.ssrc = user.id & 0x7FFFFFFF
        self.sent_packets = 0

    @property
    def id(self) -> int:
        """The user's."""
        return self.user.id

    @property
    def mention(self) -> str:
        """The user's."""
        return self.user.mention

    # Writing

    async def say(
        self,
        text: str,
        *,
        in_: Channel | None = None,
        files: "Sequence[File]" = (),
        reply_to: "Message | None" = None,
    ) -> "Message":
        """Writes in a channel: the general one unless told."""
        return self._written(text, in_ or self.guild.general, files, reply_to)

    async def write(self, text: str, *, files: "Sequence[File]" = ()) -> "Message":
        """Writes to the bot in private."""
        return self._written(text, self.guild.world.direct_channel(self.user), files, None)

    @property
    def direct(self) -> "list[Message]":
        """What the bot wrote to them in private."""
        world = self.guild.world
        return world.journal.of_bot(world.direct_channel(self.user))

    async def edit(self, message: "Message", text: str) -> None:
        """Changes what they wrote."""
        message.rewrite({"content": text}, [])
        self.guild.world.gateway.dispatch("MESSAGE_UPDATE", message.payload())

    async def delete(self, message: "Message") -> None:
        """Takes back what they wrote."""
        message.is_deleted = True
        ids = {"id": str(message.id), "channel_id": str(message.channel.id)}
        guild_id = {"guild_id": str(self.guild.id)} if message.channel.guild else {}
        self.guild.world.gateway.dispatch("MESSAGE_DELETE", ids | guild_id)

    # Clicking

    async def slash(
        self, command: str, /, *, in_: Channel | None = None, **options: "Value"
    ) -> Interaction:
        """Uses a slash command; the words of a subcommand follow its name."""
        place = in_ or self.guild.general
        data = self.guild.world.form(self.guild, command.split(), place).data(options)
        return self._interact(InteractionKind.COMMAND, place, data)

    async def complete(
        self,
        command: str,
        option: str,
        typed: str,
        /,
        *,
        in_: Channel | None = None,
        **options: "Value",
    ) -> list[str | int | float]:
        """Types into an option with autocomplete; returns the values that the bot offers."""
        place = in_ or self.guild.general
        form = self.guild.world.form(self.guild, command.split(), place)
        data = form.data(options, focused=option, typed=typed)
        asked = self._interact(InteractionKind.AUTOCOMPLETE, place, data)
        assert await asked.noticed() is Callback.CHOICES
        return [choice["value"] for choice in asked.choices]

    async def press(self, message: "Message", button: str) -> Interaction:
        """Presses a button, by its label or id."""
        control = message.control(button)
        data = {"component_type": _BUTTON, "custom_id": control["custom_id"]}
        return self._interact(InteractionKind.COMPONENT, message.channel, data, message)

    async def choose(
        self, message: "Message", *values: str, menu: str | None = None
    ) -> Interaction:
        """Chooses from a menu, by values or labels; from the only one unless told."""
        control = message.control(menu) if menu else message.selects()[0]
        known = {option["label"]: option["value"] for option in control.get("options") or []}
        chosen = [known.get(value, value) for value in values]
        assert set(chosen) <= set(known.values()), f"{values} are not all among {known}"
        data = {"component_type": _MENU, "custom_id": control["custom_id"], "values": chosen}
        return self._interact(InteractionKind.COMPONENT, message.channel, data, message)

    async def submit(self, asked: Interaction, **answers: str) -> Interaction:
        """Fills in the form that the bot showed for `asked`, by the ids of its fields."""
        assert await asked.noticed() is Callback.MODAL
        assert asked.modal
        fields = [
            {"type": 1, "components": [{"type": 4, "custom_id": name, "value": value}]}
            for name, value in answers.items()
        ]
        data = {"custom_id": asked.modal["custom_id"], "components": fields}
        return self._interact(InteractionKind.MODAL, asked.channel, data, asked.message)

    # Sitting in channels

    async def join(self, channel: Channel) -> None:
        """Goes into a voice channel, from another one too."""
        self.guild.seat(self, channel)

    async def leave(self) -> None:
        """Leaves the voice channel."""
        self.guild.seat(self, None)

    async def move(self, other: "Person", channel: Channel) -> None:
        """Moves somebody, the bot perhaps, to another channel, as moderators do."""
        self.guild.take(other, channel)

    async def kick(self, other: "Person") -> None:
        """Throws somebody, the bot perhaps, out of their voice channel."""
        self.guild.take(other, None)

    async def mute(self, other: "Person", *, muted: bool = True) -> None:
        """Mutes somebody for all; nobody hears a muted bot."""
        other.is_muted = muted
        self.guild.tell_voice_state(other)

    async def rename(self, nickname: str | None) -> None:
        """Takes another nickname."""
        self.nickname = nickname
        self.guild.tell_member(self)

    async def talk(self, samples: npt.NDArray[np.floating]) -> None:
        """Speaks to the bot in their common channel, in real time: mono, 48 kHz, -1 to 1."""
        call = await self.guild.call()
        assert call.channel is self.channel, "they are not in one channel"
        await call.carry(self, opus_frames(samples))

    def _written(
        self, text: str, channel: Channel, files: "Sequence[File]", reply_to: "Message | None"
    ) -> "Message":
        world = self.guild.world
        message = world.journal.write(channel, self, text, files, reply_to)
        world.gateway.dispatch("MESSAGE_CREATE", message.payload())
        return message

    def _interact(
        self,
        kind: InteractionKind,
        channel: Channel,
        data: Json,
        message: "Message | None" = None,
    ) -> Interaction:
        return self.guild.world.interact(self, kind, channel, data, message)


def opus_frames(samples: npt.NDArray[np.floating]) -> list[bytes]:
    """Encodes mono sound at 48 kHz as people's clients do: frames of 20 ms."""
    encoder = Encoder(application="voip", bitrate=64, fec=False, signal_type="voice")
    padding = -len(samples) % FRAME_SAMPLES
    whole = np.pad(np.asarray(samples, np.float64), (0, padding))
    pcm = (np.clip(whole, -1, 1) * 32_767).astype("<i2").reshape(-1, FRAME_SAMPLES)
    stereo = np.repeat(pcm[:, :, np.newaxis], 2, axis=2)
    return [encoder.encode(frame.tobytes(), FRAME_SAMPLES) for frame in stereo]
