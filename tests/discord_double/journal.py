"""All messages of the world, in the order in which they were written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.discord_double.bell import Bell
from tests.discord_double.files import Attachment, Cdn, File
from tests.discord_double.messages import Message
from tests.discord_double.snowflakes import Snowflakes

if TYPE_CHECKING:
    from tests.discord_double.interactions import Interaction
    from tests.discord_double.payloads import Json
    from tests.discord_double.people import Person, User
    from tests.discord_double.places import Channel

_MENTION = re.compile(r"<@!?(\d+)>")


@dataclass
class Journal:
    """Keeps messages and finds them again."""

    bell: Bell
    snowflakes: Snowflakes
    cdn: Cdn
    bot: "User"
    _messages: dict[int, Message] = field(default_factory=dict)

    def get(self, message_id: int) -> Message | None:
        """Returns a message that was not deleted."""
        message = self._messages.get(message_id)
        return None if message is None or message.is_deleted else message

    def of(self, channel: "Channel") -> list[Message]:
        """Returns what was written in a channel, whoever sees it."""
        everything = self._messages.values()
        return [one for one in everything if one.channel is channel and not one.is_deleted]

    def of_bot(self, channel: "Channel") -> list[Message]:
        """Returns what the bot wrote in a channel."""
        return [message for message in self.of(channel) if message.author is self.bot]

    def answers_to(self, asked: Message) -> list[Message]:
        """Returns what the bot wrote in the channel after `asked`, but not to a slash command."""
        return [
            message
            for message in self.of_bot(asked.channel)
            if message.id > asked.id and message.interaction is None
        ]

    def answers_of(self, interaction: "Interaction") -> list[Message]:
        """Returns what the bot wrote for `interaction` and filled in."""
        return [
            message
            for message in self._messages.values()
            if message.interaction is interaction
            and not message.is_loading
            and not message.is_deleted
        ]

    def keep(self, channel: "Channel", files: Sequence[File]) -> list[Attachment]:
        """Puts files on the CDN."""
        return [self.cdn.keep(self.snowflakes.next(), channel.id, file) for file in files]

    def write(
        self,
        channel: "Channel",
        person: "Person",
        content: str,
        files: Sequence[File],
        reply_to: Message | None,
    ) -> Message:
        """Notes what a person wrote."""
        mentioned = [int(user_id) for user_id in _MENTION.findall(content)]
        people = person.guild.people
        message = Message(
            self.snowflakes.next(),
            channel,
            person.user,
            person,
            self,
            content,
            self.keep(channel, files),
            reply_to=reply_to,
            mentions=[people[user_id] for user_id in mentioned if user_id in people],
        )
        return self._noted(message)

    def write_as_bot(
        self,
        channel: "Channel",
        body: "Json",
        files: Sequence[File],
        *,
        interaction: "Interaction | None" = None,
    ) -> Message:
        """Notes what the bot wrote, from the body of its request."""
        reference = body.get("message_reference") or {}
        replied = self.get(int(reference["message_id"])) if reference else None
        message = Message(
            self.snowflakes.next(),
            channel,
            self.bot,
            channel.guild.people[self.bot.id] if channel.guild else None,
            self,
            body.get("content") or "",
            self.keep(channel, files),
            body.get("embeds") or [],
            body.get("components") or [],
            body.get("flags") or 0,
            reply_to=replied,
            interaction=interaction,
        )
        return self._noted(message)

    def _noted(self, message: Message) -> Message:
        self._messages[message.id] = message
        self.bell.ring()
        return message
