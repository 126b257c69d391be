"""Fetches what a member offered to be cloned from: from Discord's own servers, nowhere else."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import aiohttp
import discord

from bot.cloning.sound_files import Kind, kind_of
from services.chassis.errors import InvalidInputError, UnavailableError

HOSTS: Final = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
CHUNK_BYTES: Final = 64 << 10
FETCH_SECONDS: Final = 60.0
MEBIBYTE: Final = 1 << 20
KINDS: Final = "WAV, MP3, OGG, FLAC or M4A"
HTTP_OK: Final = 200
HTTP_GONE: Final = (403, 404, 410)


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that lies on Discord's servers."""

    name: str
    url: str
    size_bytes: int | None = None
    """As Discord says; None where only the address is known."""

    @classmethod
    def of(cls, attachment: discord.Attachment) -> "Offer":
        """Returns what was attached to a message or a command."""
        return cls(attachment.filename, attachment.url, attachment.size)

    @classmethod
    def at(cls, link: str) -> "Offer":
        """Returns what a link points to."""
        try:
            name = unquote(urlsplit(link).path).rsplit("/", 1)[-1]
        except ValueError:
            name = ""
        return cls(name or "recording", link)


@dataclass(frozen=True, slots=True)
class Attachments:
    """Fetches offers of at most `max_bytes`."""

    connector: Callable[[], aiohttp.BaseConnector]
    """How Discord's servers are reached."""
    max_bytes: int

    def check(self, offer: Offer) -> None:
        """Refuses what need not be fetched to be refused.

        Raises:
            InvalidInputError: it lies elsewhere, or is too large.
        """
        if not _is_at_discord(offer.url):
            message = (
                "I only fetch files from Discord itself: attach the recording to your message "
                "instead of linking to it."
            )
            raise InvalidInputError(message, reason="FOREIGN_LINK")
        if offer.size_bytes == 0:
            raise InvalidInputError("That file is empty.", reason="EMPTY_FILE")
        if offer.size_bytes is not None and offer.size_bytes > self.max_bytes:
            raise self._too_large(offer.size_bytes)

    async def fetch(self, offer: Offer, folder: Path) -> Path:
        """Writes the offer into `folder` and returns where; it is read no further than allowed.

        Raises:
            InvalidInputError: it is refused: what it is, how large it is, where it lies.
            UnavailableError: Discord did not give it.
        """
        self.check(offer)
        target = folder / "recording"
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                await self._download(offer.url, target)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            message = "Discord did not give me the file: try again in a minute."
            raise UnavailableError(message, reason="FETCH_FAILED") from error
        await asyncio.to_thread(_check_content, target)
        return target

    async def _download(self, url: str, target: Path) -> None:
        async with (
            aiohttp.ClientSession(connector=self.connector(), connector_owner=False) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            if response.status in HTTP_GONE:
                message = "The file is no longer there: upload it again."
                raise InvalidInputError(message, reason="FILE_GONE")
            if response.status != HTTP_OK:
                message = "Discord did not give me the file: try again in a minute."
                raise UnavailableError(message, reason="FETCH_FAILED")
            if (response.content_length or 0) > self.max_bytes:
                raise self._too_large(response.content_length or 0)
            size_bytes = 0
            with target.open("wb") as file:
                async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                    size_bytes += len(chunk)
                    if size_bytes > self.max_bytes:
                        raise self._too_large(size_bytes)
                    await asyncio.to_thread(file.write, chunk)

    def _too_large(self, size_bytes: int) -> InvalidInputError:
        message = (
            f"That file is too large ({size_bytes / MEBIBYTE:.0f} MB; at most "
            f"{self.max_bytes / MEBIBYTE:.0f} MB): 10 to 30 seconds of speech are plenty."
        )
        return InvalidInputError(message, reason="CLIP_TOO_LARGE")


def _is_at_discord(url: str) -> bool:
    """Says whether an address leads to Discord's servers and nowhere else."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme == "https"
        and parts.hostname in HOSTS
        and port in {None, 443}
        and parts.username is None
        and parts.password is None
    )


def _check_content(path: Path) -> None:
    match kind_of(path.read_bytes()):
        case Kind.VIDEO:
            message = f"That is a video: send its sound alone, as {KINDS}."
            raise InvalidInputError(message, reason="VIDEO")
        case Kind.OTHER:
            message = f"That is no sound file, whatever its name says: send {KINDS}."
            raise InvalidInputError(message, reason="NOT_SOUND")
        case Kind.SOUND:
            return
