"""Interactions: slash commands, autocomplete, buttons, menus and forms, and how the bot answers."""

import asyncio
import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.discord_double.bell import PATIENCE_SECONDS
from tests.discord_double.files import File
from tests.discord_double.messages import LOADING, Message
from tests.discord_double.payloads import Json, channel_payload, member_payload
from tests.discord_double.places import Channel, permissions_of
from tests.discord_double.refusals import Refusal

if TYPE_CHECKING:
    from tests.discord_double.journal import Journal
    from tests.discord_double.people import Person


class InteractionKind(enum.IntEnum):
    """The numbers are Discord's."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Callback(enum.IntEnum):
    """The ways to answer first; the numbers are Discord's."""

    MESSAGE = 4
    DEFERRED = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


UNKNOWN_INTERACTION = Refusal(404, 10062, "Unknown interaction")
TOKEN_IS_OVER = Refusal(401, 50027, "Invalid Webhook Token")
ALREADY_ACKNOWLEDGED = Refusal(400, 40060, "Interaction has already been acknowledged.")


@dataclass(eq=False)
class Interaction:
    """One of them, from the click on."""

    id: int
    kind: InteractionKind
    person: "Person"
    channel: Channel
    data: Json
    journal: "Journal"
    deadline: float
    """On the loop's clock: until then the bot has to answer first."""
    message: Message | None = None
    """The one whose button was pressed."""
    first: Callback | None = None
    original: Message | None = None
    choices: list[Json] = field(default_factory=list)
    modal: Json | None = None
    has_changed_message: bool = False
    is_over: bool = False
    """Set it, and the bot cannot answer any more, as at Discord after 15 minutes."""

    @property
    def token(self) -> str:
        """What the bot answers with."""
        return f"interaction-{self.id}"

    @property
    def acknowledged(self) -> bool:
        """Says whether the bot answered in any way; people see "did not respond" otherwise."""
        return self.first is not None

    @property
    def answers(self) -> list[Message]:
        """What the bot wrote so far; a deferred answer counts once it is filled in.

        For a button, the message with the button counts if the bot changed it.
        """
        changed = [self.message] if self.message and self.has_changed_message else []
        return changed + self.journal.answers_of(self)

    async def answer(self, number: int = 0, *, within_seconds: float = PATIENCE_SECONDS) -> Message:
        """Waits for the bot's first message for it, or for a later one."""
        answers = await self.journal.bell.until(
            lambda: self.answers[number:],
            f"answer {number} to {self.data.get('name') or self.data.get('custom_id')!r}",
            within_seconds=within_seconds,
        )
        return answers[0]

    async def noticed(self, *, within_seconds: float = PATIENCE_SECONDS) -> Callback:
        """Waits until the bot answered in any way, and returns how."""
        return await self.journal.bell.until(
            lambda: self.first, "response to an interaction", within_seconds=within_seconds
        )

    def payload(self, application_id: int) -> Json:
        """What the bot is told."""
        payload: Json = {
            "id": str(self.id),
            "application_id": str(application_id),
            "type": int(self.kind),
            "token": self.token,
            "version": 1,
            "channel_id": str(self.channel.id),
            "locale": "en-US",
            "entitlements": [],
            "context": 0,
            "attachment_size_limit": 10 << 20,
            "authorizing_integration_owners": {"0": str(self.person.guild.id)},
            "data": self.data,
            "guild_id": str(self.person.guild.id),
            "guild_locale": "en-US",
            "app_permissions": str(permissions_of(self.person.guild.bot, self.channel).value),
        }
        own = str(permissions_of(self.person, self.channel).value)
        payload["member"] = member_payload(self.person) | {"permissions": own}
        payload["channel"] = channel_payload(self.channel) | {"permissions": own}
        if self.message:
            payload["message"] = self.message.payload()
        return payload

    def respond(self, body: Json, files: Sequence[File]) -> Message | None:
        """Takes the bot's first answer.

        Raises:
            Refusal: It is not the first, or comes too late.
        """
        if asyncio.get_running_loop().time() > self.deadline and not self.acknowledged:
            raise UNKNOWN_INTERACTION
        if self.acknowledged:
            raise ALREADY_ACKNOWLEDGED
        self.first = Callback(body["type"])
        data: Json = body.get("data") or {}
        match self.first:
            case Callback.MESSAGE:
                self.original = self._written(data, files)
            case Callback.DEFERRED:
                flags = (data.get("flags") or 0) | LOADING
                self.original = self._written({"flags": flags}, [])
            case Callback.DEFERRED_UPDATE:
                self.original = self.message
            case Callback.UPDATE:
                assert self.message
                self.original = self.fill_in(self.message, data, files)
            case Callback.CHOICES:
                self.choices = data["choices"]
            case Callback.MODAL:
                self.modal = data
        self.journal.bell.ring()
        return self.original

    def follow_up(self, body: Json, files: Sequence[File]) -> Message:
        """Takes a further message; the first one after a deferral fills that in, as at Discord."""
        if self.original and self.original.is_loading:
            return self.fill_in(self.original, body, files)
        return self._written(body, files)

    def fill_in(self, message: Message, body: Json, files: Sequence[File]) -> Message:
        """Takes an edit of one of its messages."""
        message.rewrite(body, self.journal.keep(self.channel, files))
        self.has_changed_message |= message is self.message
        self.journal.bell.ring()
        return message

    def _written(self, body: Json, files: Sequence[File]) -> Message:
        return self.journal.write_as_bot(self.channel, body, files, interaction=self)
