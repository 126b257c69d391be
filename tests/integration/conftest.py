"""The real servers of the integration tests."""

from tests.servers import nats_server, own_nats_server, s3_server

__all__ = ["nats_server", "own_nats_server", "s3_server"]
