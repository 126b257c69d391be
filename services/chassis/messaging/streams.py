"""The JetStream streams of the house, and the subjects that lead to them."""

from dataclasses import dataclass

from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError

from services.chassis.errors import InvalidInputError

WORK = "WORK"
EVENTS = "EVENTS"
ADVISORIES = "ADVISORIES"
DEAD = "DEAD"

WORK_SUBJECTS = "work."
DEAD_SUBJECTS = "dead."
CANCEL_SUBJECTS = "cancel."
PROGRESS_SUBJECTS = "progress."
WORKERS_SUBJECTS = "workers."
MAX_DELIVERIES_ADVISORY = f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{WORK}.*"

NAME_IN_USE = 10058
DEDUPLICATION_SECONDS = 120.0
DAY_SECONDS = 86400.0
TOKEN_DIVIDERS = set(". *>\t\r\n")


@dataclass(frozen=True)
class StreamLimits:
    """How much the streams hold before work is refused or the oldest facts are dropped."""

    work_max_bytes: int = 256 << 20
    events_max_bytes: int = 256 << 20
    events_max_age_seconds: float = 7 * DAY_SECONDS
    events_prefix: str = "ttstrainer."
    """Every event's full name starts with it."""
    replica_count: int = 1
    """On how many servers of a cluster each message lies."""


async def ensure_streams(
    jetstream: JetStreamContext, limits: StreamLimits, *, may_update: bool
) -> None:
    """Makes the streams, or, if it may, brings existing ones to the present configuration."""
    for config in stream_configs(limits):
        await _ensure(jetstream, config, may_update=may_update)


def stream_configs(limits: StreamLimits) -> list[StreamConfig]:
    """Returns what each stream shall be."""
    wanted = [
        _stream(
            WORK,
            WORK_SUBJECTS + ">",
            max_bytes=limits.work_max_bytes,
            retention=RetentionPolicy.WORK_QUEUE,
            discard=DiscardPolicy.NEW,
        ),
        _stream(
            EVENTS,
            limits.events_prefix + ">",
            max_bytes=limits.events_max_bytes,
            max_age_seconds=limits.events_max_age_seconds,
        ),
        _stream(
            ADVISORIES,
            MAX_DELIVERIES_ADVISORY,
            max_bytes=16 << 20,
            max_age_seconds=7 * DAY_SECONDS,
        ),
        _stream(DEAD, DEAD_SUBJECTS + ">", max_bytes=64 << 20, max_age_seconds=30 * DAY_SECONDS),
    ]
    return [config.evolve(num_replicas=limits.replica_count) for config in wanted]


def work_subject(method: str, run_id: str) -> str:
    """Returns where the requests of one run to one method go."""
    return f"{WORK_SUBJECTS}{method}.{subject_token(run_id, field='run_id')}"


def subject_token(text: str, *, field: str) -> str:
    """Returns `text` if it can be one token of a subject, else raises InvalidInputError."""
    if not text or not text.isascii() or not text.isprintable() or TOKEN_DIVIDERS & set(text):
        message = f"The {field} {text!r} cannot be used: take letters, digits, '-' and '_'."
        raise InvalidInputError(message, reason="INVALID_ID", field=field)
    return text


def durable_name(text: str) -> str:
    """Returns a consumer's name for `text`: durable names take no dots."""
    return text.replace(".", "_")


def _stream(
    name: str,
    subject: str,
    *,
    max_bytes: int,
    max_age_seconds: float = 0.0,
    retention: RetentionPolicy = RetentionPolicy.LIMITS,
    discard: DiscardPolicy = DiscardPolicy.OLD,
) -> StreamConfig:
    return StreamConfig(
        name=name,
        subjects=[subject],
        retention=retention,
        discard=discard,
        max_bytes=max_bytes,
        max_age=max_age_seconds,
        storage=StorageType.FILE,
        duplicate_window=DEDUPLICATION_SECONDS,
    )


async def _ensure(jetstream: JetStreamContext, config: StreamConfig, *, may_update: bool) -> None:
    """Adding an equal stream succeeds, so services may do this at the same time."""
    try:
        await jetstream.stream_info(str(config.name))
    except NotFoundError:
        try:
            await jetstream.add_stream(config)
        except APIError as error:
            if error.err_code != NAME_IN_USE:
                raise
    else:
        if may_update:
            await jetstream.update_stream(config)
