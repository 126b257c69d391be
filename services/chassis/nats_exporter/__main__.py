"""Serves the metrics of one NATS server until it is told to end."""

import signal
import sys

import structlog
from prometheus_client import CollectorRegistry, start_http_server
from pydantic import ValidationError

from services.chassis.load_settings import BAD_SETTINGS_EXIT_CODE
from services.chassis.nats_exporter.collector import NatsCollector
from services.chassis.nats_exporter.settings import PREFIX, NatsExporterSettings
from services.chassis.process.parent import die_with_named_parent

NAME = "nats-exporter"
FAILED_EXIT_CODE = 1

log = structlog.get_logger()


def main() -> int:
    """Returns the exit code: 0 after SIGTERM or SIGINT, 2 and one line for bad settings."""
    try:
        settings = NatsExporterSettings()
    except ValidationError as error:
        problems = (f"{PREFIX}{it['loc'][0]!s}".upper() + f": {it['msg']}" for it in error.errors())
        sys.stderr.write(f"{NAME}: {'; '.join(problems)}\n")
        return BAD_SETTINGS_EXIT_CODE
    # Before the server's threads are there, so that they leave the signals to us.
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    die_with_named_parent()
    _configure_logging()
    # Not the default registry: it would tell of this process what is meant to be told of NATS.
    registry = CollectorRegistry()
    registry.register(NatsCollector(settings.monitoring_url, settings.timeout_seconds))
    try:
        server, thread = start_http_server(settings.port, settings.host, registry)
    except OSError as error:
        sys.stderr.write(f"{NAME}: {PREFIX}PORT: {settings.port} cannot be used: {error}\n")
        return FAILED_EXIT_CODE
    log.info("exporter.started", port=server.server_port, monitoring_url=settings.monitoring_url)
    signal.sigwait(signals)
    server.shutdown()
    server.server_close()
    thread.join()
    return 0


def _configure_logging() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    sys.exit(main())
