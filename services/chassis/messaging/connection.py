"""The connection to NATS: found at start, kept for ever, and outspoken about what is refused."""

import asyncio
import ssl
from contextlib import suppress
from typing import Any, NoReturn

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from services.chassis.errors import InvalidInputError, UnavailableError
from services.chassis.messaging.nats_errors import PublishRefusedError
from services.chassis.messaging.reconnections import Reconnections
from services.chassis.messaging.refusals import advice_on_user, is_unwelcome, refusal_in
from services.chassis.settings import ServiceSettings

RETRY_SECONDS = 0.25
PING_SECONDS = 10
MAX_UNANSWERED_PINGS = 2
"""After this many a silent server counts as gone; TCP alone would wait for many minutes."""
CLOSE_SECONDS = 2.0

log = structlog.get_logger()


class Connection(Client):
    """A client of NATS whose refused requests fail at once, not by a time-out without a reason.

    Each user has an inbox prefix of its own, so that no other can be allowed to read its answers.
    """

    def __init__(self, settings: ServiceSettings, reconnections: Reconnections) -> None:
        """Connects nowhere yet."""
        super().__init__()
        self._settings = settings
        self._reconnections = reconnections
        self._end: asyncio.Future[UnavailableError] = asyncio.get_running_loop().create_future()
        self._opened = False
        self._leaving = False
        self._requests: dict[str, set[asyncio.Future[None]]] = {}

    async def open(self, patience_seconds: float) -> None:
        """Connects to one of the servers.

        Raises UnavailableError when none answers within `patience_seconds`, or one answers that
        does not accept the user or whose certificate is not trusted.
        """
        settings = self._settings
        as_user: dict[str, Any] = {}
        if settings.nats_user:
            as_user = {
                "user": settings.nats_user,
                "password": self._password,
                "inbox_prefix": f"_INBOX_{settings.nats_user}",
            }
        try:
            async with asyncio.timeout(patience_seconds):
                await self.connect(
                    [url.strip() for url in settings.nats_url.split(",")],
                    name=settings.service_name,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=RETRY_SECONDS,  # type: ignore[arg-type] # any number will do
                    ping_interval=PING_SECONDS,
                    max_outstanding_pings=MAX_UNANSWERED_PINGS,
                    error_cb=self._on_error,
                    disconnected_cb=self._on_disconnected,
                    reconnected_cb=self._on_reconnected,
                    closed_cb=self._on_closed,
                    tls=_trusting(settings),
                    **as_user,
                )
                self._demand_tls()
        except TimeoutError as error:
            message = (
                f"No NATS server answered within {patience_seconds:g} s: start one, or set "
                "TTSTRAINER_NATS_URL to where it listens."
            )
            raise UnavailableError(message, reason="BUS_UNAVAILABLE") from error
        except nats.errors.Error as error:
            message = f"TTSTRAINER_NATS_URL is no address of NATS servers ({error})."
            unknown = UnavailableError(message, reason="BUS_UNAVAILABLE")
            raise self._end_by(error) or unknown from error
        else:
            self._opened = True
        finally:
            if not self._opened:
                await self.leave()

    async def leave(self) -> None:
        """Closes the connection for good."""
        self._leaving = True
        if self._current_server is None:  # no server was ever reached: there is nothing to close
            return
        with suppress(nats.errors.Error, OSError):
            # After a TLS handshake that failed, Python 3.11 never sees the socket closed.
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.close()

    async def lost(self) -> NoReturn:
        """Raises UnavailableError once the server does not accept this user any more.

        A server that is only away is no reason: it is waited for.
        """
        raise await asyncio.shield(self._end)

    async def request(
        self,
        subject: str,
        payload: bytes = b"",
        timeout: float = 0.5,  # noqa: ASYNC109 - the signature is nats-py's
        old_style: bool = False,
        headers: dict[str, Any] | None = None,
    ) -> Msg:
        """See Client; raises PublishRefusedError when the user may not publish to `subject`."""
        refused: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests.setdefault(subject.lower(), set()).add(refused)
        answer = asyncio.ensure_future(
            super().request(subject, payload, timeout, old_style, headers)
        )
        try:
            ends: set[asyncio.Future[Any]] = {answer, refused}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise PublishRefusedError(subject, self._settings.nats_user)
            return answer.result()
        finally:
            answer.cancel()
            waiting = self._requests[subject.lower()]
            waiting.discard(refused)
            if not waiting:
                del self._requests[subject.lower()]

    async def _process_pong(self) -> None:
        """See Client, whose reading ends for good at a pong that nobody waits for any more.

        Such pongs come late, when the network was away for a while.
        """
        if self._pongs and self._pongs[0].done():
            self._pongs[0] = asyncio.get_running_loop().create_future()
        await super()._process_pong()

    async def _on_error(self, error: Exception) -> None:
        text = str(error)
        if refusal := refusal_in(text):
            log.error("nats.refused", action=refusal.action, subject=refusal.subject)
            for waiting in self._requests.get(refusal.subject, ()):
                if not waiting.done():
                    waiting.set_result(None)
        elif end := self._end_by(error):
            if not self._opened:
                raise end  # out of `connect`, which would otherwise try for ever
            self._finish(end)
        else:
            log.debug("nats.error", error=type(error).__name__)

    def _end_by(self, error: Exception | None) -> UnavailableError | None:
        """Returns what to say of an error that no patience cures, or None for others."""
        if isinstance(error, nats.errors.SecureConnWantedError):
            message = (
                "NATS does not ask for TLS, but TTSTRAINER_NATS_TLS_CA_FILE is set: give the "
                "server a certificate, or take the setting away."
            )
            return UnavailableError(message, reason="BUS_WITHOUT_TLS")
        if isinstance(error, ssl.SSLCertVerificationError):
            message = (
                f"NATS's certificate is not trusted ({error.verify_message}): set "
                "TTSTRAINER_NATS_TLS_CA_FILE to the authority that signed it."
            )
            return UnavailableError(message, reason="BUS_NOT_TRUSTED")
        if isinstance(error, nats.errors.AuthorizationError) or is_unwelcome(str(error)):
            message = advice_on_user(self._settings.nats_user, self._settings.own_prefix())
            return UnavailableError(message, reason="BUS_REFUSES_USER")
        return None

    async def _on_disconnected(self) -> None:
        if not self._leaving:  # nobody need be told of an end that was asked for
            log.warning("nats.disconnected")

    async def _on_reconnected(self) -> None:
        log.info("nats.reconnected")
        self._reconnections.announce()

    async def _on_closed(self) -> None:
        if not self._leaving:
            closed = UnavailableError("NATS has closed the connection.", reason="BUS_UNAVAILABLE")
            self._finish(self._end_by(self.last_error) or closed)

    def _finish(self, end: UnavailableError) -> None:
        if not self._end.done():
            log.error("nats.lost", reason=end.reason)
            self._end.set_result(end)

    def _password(self) -> str:
        """Is asked for after the server has said whether it talks TLS."""
        self._demand_tls()
        return self._settings.nats_password.get_secret_value()

    def _demand_tls(self) -> None:
        if self._settings.nats_tls_ca_file and not self._server_info.get("tls_required"):
            raise nats.errors.SecureConnWantedError


def _trusting(settings: ServiceSettings) -> ssl.SSLContext | None:
    if settings.nats_tls_ca_file is None:
        return None
    try:
        return ssl.create_default_context(cafile=settings.nats_tls_ca_file)
    except OSError as error:  # an ssl.SSLError, too
        message = (
            f"TTSTRAINER_NATS_TLS_CA_FILE: cannot read {settings.nats_tls_ca_file} "
            f"({error.strerror or error})."
        )
        raise InvalidInputError(message, reason="BAD_CERTIFICATE") from error
