"""Files that people and the bot attach, and Discord's CDN that serves them."""

import mimetypes
from dataclasses import dataclass, field

from aiohttp import web

from tests.discord_double.payloads import Json

CDN = "cdn.discordapp.com"


@dataclass(frozen=True)
class File:
    """Something attached to a message.

    Whoever attaches may lie: about the size (`claimed_bytes`), the type, and, which Discord never
    lets through, where it lies (`url`).
    """

    name: str
    content: bytes = b""
    content_type: str | None = None
    claimed_bytes: int | None = None
    url: str | None = None


@dataclass(frozen=True)
class Attachment:
    """A file that lies on the CDN."""

    id: int
    file: File
    path: str

    def payload(self) -> Json:
        """What a message says about it."""
        url = self.file.url or f"https://{CDN}{self.path}"
        guessed, _ = mimetypes.guess_type(self.file.name)
        size = self.file.claimed_bytes
        return {
            "id": str(self.id),
            "filename": self.file.name,
            "size": len(self.file.content) if size is None else size,
            "url": url,
            "proxy_url": url,
            "content_type": self.file.content_type or guessed or "application/octet-stream",
        }


@dataclass
class Cdn:
    """Serves what was attached; `fetched` are the paths that were asked for."""

    fetched: list[str] = field(default_factory=list)
    _files: dict[str, File] = field(default_factory=dict)

    def keep(self, attachment_id: int, channel_id: int, file: File) -> Attachment:
        """Puts a file where its message says that it is."""
        path = f"/attachments/{channel_id}/{attachment_id}/{file.name}"
        self._files[path] = file
        return Attachment(attachment_id, file, path)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answers one request."""
        self.fetched.append(request.path)
        file = self._files.get(request.path)
        if file is None:
            return web.Response(status=404)
        return web.Response(
            body=file.content, content_type=file.content_type or "application/octet-stream"
        )
