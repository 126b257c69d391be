"""What servers and clients agree on: message sizes, keepalive, reconnection."""

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
PING_SECONDS = 30
PONG_SECONDS = 10

ROUND_ROBIN = '{"loadBalancingConfig": [{"round_robin": {}}]}'

Options = list[tuple[str, int | str]]


def server_options(max_message_bytes: int = MAX_MESSAGE_BYTES) -> Options:
    """Returns the options of a server."""
    return [
        *_shared(max_message_bytes),
        # Two servers on one port would share its calls without anybody noticing.
        ("grpc.so_reuseport", 0),
        ("grpc.http2.min_ping_interval_without_data_ms", PING_SECONDS * 1000 // 2),
    ]


def channel_options(
    max_message_bytes: int = MAX_MESSAGE_BYTES, *, reads_in_pace: bool = False
) -> Options:
    """Returns the options of a channel; see `open_channel`."""
    return [
        *_shared(max_message_bytes),
        # Otherwise the window grows with the line's speed, to megabytes of what nobody has read.
        *([("grpc.http2.bdp_probe", 0)] if reads_in_pace else []),
        # A service that is restarted is back within seconds: look for it soon.
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 2000),
        # A name with several addresses, such as a headless service, is several replicas.
        ("grpc.service_config", ROUND_ROBIN),
    ]


def _shared(max_message_bytes: int) -> Options:
    return [
        ("grpc.max_send_message_length", max_message_bytes),
        ("grpc.max_receive_message_length", max_message_bytes),
        # A peer that vanished without a word is found out, also during a quiet stream.
        ("grpc.keepalive_time_ms", PING_SECONDS * 1000),
        ("grpc.keepalive_timeout_ms", PONG_SECONDS * 1000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
    ]
