"""What a member agrees to when a voice is made of theirs, and what is kept of it."""

from dataclasses import dataclass
from typing import Final

from ttstrainer.dataset.v1 import consent_service_pb2 as pb

LANGUAGE: Final = "en"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Who pressed the button, where."""

    user_id: int
    user_name: str
    guild_id: int
    message_id: int
    """The message with the question."""
    bot_id: int

    @property
    def request_id(self) -> str:
        """The same question gives the same consent, however often it is recorded."""
        return f"discord-{self.guild_id}-{self.message_id}-{self.user_id}"


def statement(speaker: str) -> str:
    """Returns the words that a member agrees to."""
    return (
        f"I, {speaker}, am the person who speaks in this recording. I agree that a synthetic "
        "voice is cloned from it, that it is kept on this server's computers, and that it says "
        "what I write until I delete it."
    )


def question(speaker: str) -> str:
    """Returns what a member is asked."""
    return (
        f"**May I clone your voice?**\n> {statement(speaker)}\n"
        "You can take this back at any time with `delete`. Never offer somebody else's voice."
    )


def grant_request(agreement: Agreement) -> pb.GrantConsentRequest:
    """Returns what is recorded of an agreement."""
    speaker = f"{agreement.user_name} (Discord user {agreement.user_id})"
    evidence = (
        f"{statement(speaker)}\n\nAgreed to with a button by Discord user {agreement.user_id} in "
        f"guild {agreement.guild_id}, under message {agreement.message_id}."
    )
    return pb.GrantConsentRequest(
        speaker_name=speaker,
        purposes=[pb.CONSENT_PURPOSE_CLONING],
        text_statement=evidence,
        language_code=LANGUAGE,
        recorded_by=f"Discord bot {agreement.bot_id} in guild {agreement.guild_id}",
        request_id=agreement.request_id,
    )
