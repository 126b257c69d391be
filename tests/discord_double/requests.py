"""What the bot asks REST for."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from aiohttp import BodyPartReader, web

from tests.discord_double.files import File
from tests.discord_double.payloads import Json

_PREFIX = "/api/v10"


class NoRoute(Exception):  # noqa: N818 - the next table is asked then
    """These routes do not know the request."""


Answer: TypeAlias = Json | list[Json] | None
"""None is 204: done, and nothing to say."""


@dataclass
class Request:
    """A request of the bot's."""

    method: str
    path: str
    """Without the prefix of the API."""
    body: Any
    files: list[File]
    query: Mapping[str, str]
    arrived: float
    """On the clock of time.perf_counter()."""
    status: int = 0
    """What it was answered with."""

    @property
    def call(self) -> tuple[str, list[str]]:
        """The method, and the path cut at its slashes."""
        return self.method, self.path.strip("/").split("/")


async def read(request: web.Request) -> Request:
    """Reads a request: JSON, or a form with files."""
    body: Any = None
    files: list[File] = []
    if request.content_type == "application/json" and request.can_read_body:
        body = await request.json()
    elif request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            content = bytes(await part.read())
            if part.name == "payload_json":
                body = json.loads(content)
            else:
                files.append(File(part.filename or "", content))
    path = request.path.removeprefix(_PREFIX)
    return Request(request.method, path, body, files, request.query, time.perf_counter())
