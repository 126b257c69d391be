"""Messages: what people wrote and what the bot answered."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import discord

from tests.discord_double.bell import PATIENCE_SECONDS
from tests.discord_double.files import Attachment, File
from tests.discord_double.payloads import Json, member_payload, user_payload
from tests.discord_double.places import Channel, ChannelKind
from tests.discord_double.snowflakes import written_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.discord_double.interactions import Interaction
    from tests.discord_double.journal import Journal
    from tests.discord_double.people import Person, User

__all__ = ["File", "Message"]

EPHEMERAL = discord.MessageFlags(ephemeral=True).value
LOADING = discord.MessageFlags(loading=True).value
_BUTTON = 2


@dataclass(eq=False)
class Message:
    """A message, as it stands now."""

    id: int
    channel: Channel
    author: "User"
    person: "Person | None"
    journal: "Journal"
    content: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    flags: int = 0
    reply_to: "Message | None" = None
    interaction: "Interaction | None" = None
    mentions: "list[Person]" = field(default_factory=list)
    reactions: list[str] = field(default_factory=list)
    is_deleted: bool = False
    history: list[str] = field(default_factory=list)
    """Its texts before each edit, the oldest first."""
    sent: str = field(default_factory=written_time)

    @property
    def text(self) -> str:
        """All that is to read: the content, the embeds and the text of the components."""
        parts = [self.content]
        for embed in self.embeds:
            parts += [embed.get("title") or "", embed.get("description") or ""]
            for line in embed.get("fields") or []:
                parts += [line["name"], line["value"]]
            parts.append((embed.get("footer") or {}).get("text") or "")
        parts += [part["content"] for part in self._controls() if "content" in part]
        return "\n".join(part for part in parts if part)

    @property
    def files(self) -> list[File]:
        """What is attached."""
        return [attachment.file for attachment in self.attachments]

    @property
    def is_ephemeral(self) -> bool:
        """Says whether only one person sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def is_loading(self) -> bool:
        """Says whether it is a deferred answer that is still to come: "the bot is thinking"."""
        return bool(self.flags & LOADING)

    @property
    def buttons(self) -> list[str]:
        """The labels of its buttons that can be pressed."""
        return [
            str(control.get("label") or (control.get("emoji") or {}).get("name"))
            for control in self._controls()
            if control.get("type") == _BUTTON and not control.get("disabled")
        ]

    @property
    def answers(self) -> "list[Message]":
        """The bot's messages in this channel after this one, but for those to clicks."""
        return self.journal.answers_to(self)

    async def answer(
        self, number: int = 0, *, within_seconds: float = PATIENCE_SECONDS
    ) -> "Message":
        """Waits for the bot's first message after this one, or for a later one."""
        answers = await self.journal.bell.until(
            lambda: self.answers[number:],
            f"answer {number} to {self.content!r}",
            within_seconds=within_seconds,
        )
        return answers[0]

    @property
    def acknowledged(self) -> bool:
        """Says whether the bot reacted in any way."""
        return bool(self.reactions or self.answers)

    async def until(
        self,
        condition: "Callable[[Message], object]",
        *,
        within_seconds: float = PATIENCE_SECONDS,
    ) -> "Message":
        """Waits until it was edited so that `condition` holds."""
        await self.journal.bell.until(
            lambda: condition(self),
            f"edit that was waited for; it says {self.text!r}",
            within_seconds=within_seconds,
        )
        return self

    def control(self, name: str) -> Json:
        """Returns the button or select that people call `name`: by label or id.

        Raises:
            AssertionError: There is none, or it is disabled.
        """
        for control in self._controls():
            if name in (control.get("label"), control.get("custom_id"), control.get("placeholder")):
                assert not control.get("disabled"), f"{name!r} is disabled"
                return control
        message = f"no {name!r} among {self._controls()}"
        raise AssertionError(message)

    def selects(self) -> list[Json]:
        """Its menus to choose from."""
        return [control for control in self._controls() if control.get("type", 0) in range(3, 9)]

    def rewrite(self, body: Json, attachments: list[Attachment]) -> None:
        """Takes over what the bot or its author changed."""
        if "content" in body or "embeds" in body:
            self.history.append(self.text)
        self.content = body.get("content", self.content) or ""
        self.embeds = body.get("embeds", self.embeds) or []
        self.components = body.get("components", self.components) or []
        if "attachments" in body:
            kept = {str(part["id"]) for part in body["attachments"] or []}
            self.attachments = [old for old in self.attachments if str(old.id) in kept]
        self.attachments += attachments
        self.flags &= ~LOADING

    def payload(self) -> Json:
        """What Discord tells about it."""
        replied = self.reply_to
        payload: Json = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "author": user_payload(self.author),
            "content": self.content,
            "timestamp": self.sent,
            "edited_timestamp": written_time() if self.history else None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [
                user_payload(person.user) | {"member": member_payload(person, with_user=False)}
                for person in self.mentions
            ],
            "mention_roles": [],
            "attachments": [attachment.payload() for attachment in self.attachments],
            "embeds": self.embeds,
            "pinned": False,
            "type": 19 if replied else 0,
            "nonce": None,
            "flags": self.flags,
            "components": self.components,
        }
        if self.person and self.channel.kind is not ChannelKind.DIRECT:
            payload["guild_id"] = str(self.person.guild.id)
            payload["member"] = member_payload(self.person, with_user=False)
        if replied:
            payload["message_reference"] = {
                "message_id": str(replied.id),
                "channel_id": str(replied.channel.id),
                "guild_id": payload.get("guild_id"),
                "type": 0,
            }
            payload["referenced_message"] = replied.payload()
        return payload

    def _controls(self) -> list[Json]:
        return list(_flat(self.components))


def _flat(components: list[Json]) -> list[Json]:
    found: list[Json] = []
    for component in components:
        found.append(component)
        found += _flat(component.get("components") or [])
        if accessory := component.get("accessory"):
            found.append(accessory)
        if inner := component.get("component"):
            found.append(inner)
    return found
