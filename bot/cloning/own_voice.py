"""Voices that members have cloned of their own: made with a consent, removed with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import structlog

from bot.cloning.statement import Agreement, grant_request
from bot.deadline import within
from bot.ownership import own_voice_id
from bot.refusing import RefusedError
from bot.voice_list import VoiceList
from gateway.client.consents import ConsentClient
from gateway.client.voices import VoiceClient
from services.chassis.errors import NotFoundError, ServiceError
from ttstrainer.inference.v1 import voice_service_pb2 as pb

FAILED = "The voice could not be cloned."
DELETED = "Its speaker deleted the voice on Discord."
SUFFIX_BYTES = 4
MAX_NAME_CHARACTERS = 40

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class OwnVoices:
    """Makes, renames and removes them."""

    voices: VoiceClient
    consents: ConsentClient
    list: VoiceList
    max_count: int
    """How many a member may have in a guild."""
    answer_seconds: float
    """How long each service may take."""
    suffix: Callable[[], str] = lambda: token_hex(SUFFIX_BYTES)

    async def check_room(self, guild_id: int, user_id: int) -> None:
        """Raises RefusedError for a member who has as many voices as they may."""
        count = len(await self.list.own(guild_id, user_id))
        if count >= self.max_count:
            words = (
                f"You have {count} voices here, which is as many as you may: `delete` one first."
            )
            raise RefusedError(words)

    async def clone(
        self, agreement: Agreement, clips: Sequence[Path], *, name: str, language_code: str
    ) -> pb.Voice:
        """Records the consent and makes the voice; without a voice no consent remains.

        Raises:
            ServiceError: a service refused the recording or does not answer.
        """
        async with within(self.answer_seconds):
            consent = await self.consents.grant(grant_request(agreement))
        header = pb.CreateVoiceHeader(
            voice_id=own_voice_id(agreement.guild_id, agreement.user_id, self.suffix()),
            display_name=name,
            language_code=language_code,
            consent_id=consent.consent_id,
        )
        try:
            async with within(self.answer_seconds):
                voice = await self.voices.create(header, clips)
        except BaseException:
            await self._take_back(consent.consent_id, header.voice_id)
            raise
        finally:
            self.list.forget()
        log.info("voice.cloned", voice_id=voice.voice_id, consent_id=voice.consent_id)
        return voice

    async def rename(self, voice: pb.Voice, name: str) -> pb.Voice:
        """Gives a voice another name for people. Raises ServiceError."""
        wanted = pb.Voice(voice_id=voice.voice_id, display_name=name)
        async with within(self.answer_seconds):
            renamed = await self.voices.update(wanted, ["display_name"])
        self.list.forget()
        return renamed

    async def remove(self, voice: pb.Voice) -> None:
        """Withdraws the consent, so that the voice falls silent everywhere, and deletes it.

        Raises:
            ServiceError: a service does not answer; what was not removed can be removed again.
        """
        try:
            async with within(self.answer_seconds):
                await self.consents.withdraw(voice.consent_id, DELETED)
        except NotFoundError:
            log.warning("consent.missing", voice_id=voice.voice_id)
        try:
            async with within(self.answer_seconds):
                await self.voices.delete(voice.voice_id)
        except NotFoundError:
            log.info("voice.gone_already", voice_id=voice.voice_id)
        finally:
            self.list.forget()
        log.info("voice.deleted", voice_id=voice.voice_id, consent_id=voice.consent_id)

    async def remove_all(self, user_id: int) -> int:
        """Removes a person's voices in all guilds; returns how many. Raises ServiceError."""
        theirs = await self.list.all_of(user_id)
        for voice in theirs:
            await self.remove(voice)
        return len(theirs)

    async def _take_back(self, consent_id: str, voice_id: str) -> None:
        """Of an answer that was lost, nobody knows whether the voice was made."""
        try:
            async with within(self.answer_seconds):
                await self.consents.withdraw(consent_id, FAILED)
                await self.voices.delete(voice_id)
        except NotFoundError:
            return  # it was not
        except ServiceError:
            log.warning("cloning.not_taken_back", consent_id=consent_id, voice_id=voice_id)


def checked_name(typed: str) -> str:
    """Returns the name of a voice as a person typed it. Raises RefusedError for what is none."""
    name = " ".join(typed.split())
    if not name or len(name) > MAX_NAME_CHARACTERS or not name.isprintable():
        raise RefusedError(f"Give the voice a name of at most {MAX_NAME_CHARACTERS} characters.")
    return name
