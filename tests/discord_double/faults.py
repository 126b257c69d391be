"""Trouble with REST on demand."""

import fnmatch
from dataclasses import dataclass

from aiohttp import web

from tests.discord_double.payloads import Json
from tests.discord_double.refusals import MISSING_PERMISSIONS, answer


@dataclass
class _Fault:
    method: str
    path: str
    times: int
    status: int
    body: Json
    headers: dict[str, str]


class Faults:
    """What the next requests get instead of an answer.

    Paths are patterns without the prefix of the API, as "/channels/*/messages".
    """

    def __init__(self) -> None:
        self._faults: list[_Fault] = []

    def rate_limit(
        self,
        method: str,
        path: str,
        *,
        times: int = 1,
        retry_after_seconds: float = 0.2,
        everywhere: bool = False,
    ) -> None:
        """429: too many requests, on this route or for the whole bot."""
        wait = retry_after_seconds
        body: Json = {
            "message": "You are being rate limited.",
            "retry_after": wait,
            "global": everywhere,
        }
        headers = {
            "Retry-After": str(max(1, round(wait))),
            "Via": "1.1 google",
            "X-RateLimit-Scope": "global" if everywhere else "user",
        }
        if everywhere:
            headers["X-RateLimit-Global"] = "true"
        self._faults.append(_Fault(method, path, times, 429, body, headers))

    def fail(self, method: str, path: str, *, status: int = 502, times: int = 1) -> None:
        """Discord is in trouble itself."""
        self._faults.append(_Fault(method, path, times, status, {"message": "", "code": 0}, {}))

    def forbid(self, method: str, path: str, *, times: int = 1) -> None:
        """403: the bot lacks a permission."""
        body = MISSING_PERMISSIONS.body
        self._faults.append(_Fault(method, path, times, 403, body, {}))

    def clear(self) -> None:
        """Everything works again."""
        self._faults.clear()

    def struck(self, method: str, path: str) -> web.Response | None:
        """Returns what a request gets instead of an answer, if anything."""
        for fault in self._faults:
            if fault.times and fault.method == method and fnmatch.fnmatch(path, fault.path):
                fault.times -= 1
                return answer(fault.body, fault.status, **fault.headers)
        return None
