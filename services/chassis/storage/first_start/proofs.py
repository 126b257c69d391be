"""Tries out what a key may and may not do, leaving nothing behind."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from secrets import token_hex

from minio import Minio

from services.chassis.storage import s3_errors
from services.chassis.storage.first_start.policies import INBOX

REFUSED = "AccessDenied"
CHECK_KEY = "checks/first-start"


@dataclass(frozen=True, slots=True)
class Trial:
    """Something to try with somebody's key, and whether it should work."""

    deed: str
    attempt: Callable[[], object]
    is_allowed: bool


def problems_with(who: str, trials: Iterable[Trial]) -> list[str]:
    """Tries all, and returns what differs from what was wanted; a key that is unknown, once."""
    problems = []
    for trial in trials:
        code = _outcome_of(trial)
        if code in s3_errors.UNKNOWN_KEY:
            return [unknown_key(who, code)]
        if trial.is_allowed and code:
            problems.append(f"the {who} key cannot {trial.deed} ({code})")
        elif not trial.is_allowed and not code:
            problems.append(f"the {who} key can {trial.deed}, which it must not")
        elif not trial.is_allowed and code != REFUSED:
            problems.append(f"it is unclear whether the {who} key can {trial.deed} ({code})")
    return problems


def unknown_key(who: str, code: str) -> str:
    """Returns what to say when the server does not know somebody."""
    return (
        f"the server does not take the {who} key ({code}): it was started with another "
        f"S3_{who.upper()}_ACCESS_KEY or S3_{who.upper()}_SECRET_KEY, so start it again"
    )


def _outcome_of(trial: Trial) -> str:
    """Returns the code of the error that it met, or an empty text."""
    try:
        trial.attempt()
    except s3_errors.FAILURES as error:
        return s3_errors.code_of(error) or type(error).__name__
    return ""


def trials_of_services(client: Minio, bucket: str) -> Iterator[Trial]:
    """Yields what tells a service's key from one with more power or less."""
    key = f"checks/{token_hex(8)}"
    yield Trial("write objects", lambda: put(client, bucket, key), is_allowed=True)
    yield Trial("read objects", lambda: read(client, bucket, key), is_allowed=True)
    yield Trial("list objects", lambda: listed(client, bucket, "checks/"), is_allowed=True)
    yield Trial("delete objects", lambda: client.remove_object(bucket, key), is_allowed=True)
    yield from _outside(client, bucket)


def trials_of_inference(client: Minio, admin: Minio, bucket: str) -> Iterator[Trial]:
    """Yields what tells the key of the inference service from one with more power or less."""
    name = f".check-{token_hex(8)}"
    voice, artifact, model = f"voices/{name}", f"blobs/{name}", f"models/{name}"
    consent = f"consents/{name}"
    try:
        for key in (model, consent):
            put(admin, bucket, key)
        yield Trial("write voices", lambda: put(client, bucket, voice), is_allowed=True)
        yield Trial("delete voices", lambda: client.remove_object(bucket, voice), is_allowed=True)
        yield Trial("write artifacts", lambda: put(client, bucket, artifact), is_allowed=True)
        yield Trial("read models", lambda: read(client, bucket, model), is_allowed=True)
        yield Trial("list models", lambda: listed(client, bucket, "models/"), is_allowed=True)
        yield _refused("write models", lambda: put(client, bucket, model))
        yield _refused("delete artifacts", lambda: client.remove_object(bucket, artifact))
        yield _refused("read consents", lambda: read(client, bucket, consent))
        yield _refused("write consents", lambda: put(client, bucket, consent))
        yield _refused("delete consents", lambda: client.remove_object(bucket, consent))
        yield from _outside(client, bucket)
    finally:
        for key in (voice, artifact, model, consent):
            admin.remove_object(bucket, key)


def trials_of_drop(client: Minio, admin: Minio, bucket: str) -> Iterator[Trial]:
    """Yields what tells the key of people who drop videos from one with more power or less."""
    name = f".check-{token_hex(8)}"  # hidden: nobody takes it for a drop
    dropped, artifact = INBOX + name, f"blobs/{name}"
    try:
        yield Trial("write under inbox/", lambda: put(client, bucket, dropped), is_allowed=True)
        yield Trial("list inbox/", lambda: listed(client, bucket, INBOX), is_allowed=True)
        yield Trial("read under inbox/", lambda: read(client, bucket, dropped), is_allowed=True)
        yield _refused("delete", lambda: client.remove_object(bucket, dropped))
        yield _refused("write outside inbox/", lambda: put(client, bucket, artifact))
        yield _refused("read outside inbox/", lambda: read(client, bucket, artifact))
        yield _refused("list outside inbox/", lambda: listed(client, bucket, "blobs/"))
        yield _refused("list the whole bucket", lambda: listed(client, bucket, ""))
        yield from _outside(client, bucket)
    finally:
        for key in (dropped, artifact):
            admin.remove_object(bucket, key)


def _outside(client: Minio, bucket: str) -> Iterator[Trial]:
    """Yields what nobody but the administrator may do; no such bucket is there, or is left."""
    other = f"{bucket}-{token_hex(8)}"
    yield _refused("read other buckets", lambda: read(client, other, "key"))
    yield _refused("write to other buckets", lambda: put(client, other, "key"))
    yield _refused("list other buckets", lambda: listed(client, other, ""))
    yield _refused("delete buckets", lambda: client.remove_bucket(other))
    yield _refused("make buckets", lambda: client.make_bucket(other))


def _refused(deed: str, attempt: Callable[[], object]) -> Trial:
    return Trial(deed, attempt, is_allowed=False)


def put(client: Minio, bucket: str, key: str) -> None:
    """Writes a small object."""
    client.put_object(bucket, key, BytesIO(b"check"), len(b"check"))


def read(client: Minio, bucket: str, key: str) -> None:
    """Reads an object whole."""
    response = client.get_object(bucket, key)
    try:
        response.read()
    finally:
        response.close()
        response.release_conn()


def listed(client: Minio, bucket: str, prefix: str) -> None:
    """Asks for the first page of a listing."""
    next(iter(client.list_objects(bucket, prefix, recursive=True)), None)
