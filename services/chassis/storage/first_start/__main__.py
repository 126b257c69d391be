"""Makes the S3 server ready, then ends: `python -m services.chassis.storage.first_start`.

Exit code 0 when all is as it should be (a second start changes nothing), 2 for settings that
cannot be right, 1 when the server is not as it should be: one line for each thing to put right.
"""

import os
import sys
import time
from collections.abc import Callable

from minio import Minio

from services.chassis.errors import ServiceError, UnavailableError
from services.chassis.storage import s3_errors
from services.chassis.storage.first_start.minio_users import MinioUsers
from services.chassis.storage.first_start.policies import (
    drop_policy,
    inference_policy,
    services_policy,
)
from services.chassis.storage.first_start.preflight import objection
from services.chassis.storage.first_start.proofs import (
    CHECK_KEY,
    problems_with,
    put,
    trials_of_drop,
    trials_of_inference,
    trials_of_services,
    unknown_key,
)
from services.chassis.storage.first_start.settings import (
    BAD_SETTINGS_EXIT_CODE,
    FirstStartSettings,
    Keys,
    load,
)
from services.chassis.storage.minio_artifacts import s3_client

FAILED_EXIT_CODE = 1
POLL_SECONDS = 1.0


def main() -> int:
    """Does it all; see the module."""
    settings = load()
    if refusal := objection(settings.publish_address, os.environ):
        say(refusal)
        return BAD_SETTINGS_EXIT_CODE
    admin = client_of(settings, settings.admin)
    try:
        wait_for(admin.list_buckets, settings)
        ensure_bucket(admin, settings.s3_bucket)
        wait_for(lambda: put(admin, settings.s3_bucket, CHECK_KEY), settings)
        if settings.s3_credentials == "minio":
            ensure_users(settings)
        problems = prove(admin, settings)
        admin.remove_object(settings.s3_bucket, CHECK_KEY)
    except ServiceError as error:
        problems = [error.message]
    except s3_errors.FAILURES as error:
        problems = [explained(error)]
    for problem in problems:
        say(problem)
    if problems:
        return FAILED_EXIT_CODE
    say(f"{settings.s3_endpoint} is ready: bucket {settings.s3_bucket}, three keys checked")
    return 0


def wait_for(deed: Callable[[], object], settings: FirstStartSettings) -> None:
    """Tries until it works; raises UnavailableError when it never does, or never will."""
    deadline = time.monotonic() + settings.s3_wait_seconds
    said = ""
    while True:
        try:
            deed()
        except s3_errors.FAILURES as error:
            code, problem = s3_errors.code_of(error), explained(error)
            if code in s3_errors.UNKNOWN_KEY:
                raise UnavailableError(unknown_key("admin", code)) from error
            if code in s3_errors.DENIED | s3_errors.SKEWED:
                raise UnavailableError(problem) from error
            if time.monotonic() > deadline:
                message = f"{settings.s3_endpoint} is not ready: {problem}"
                raise UnavailableError(message) from error
            if problem != said:
                say(f"waiting for {settings.s3_endpoint}: {problem}")
                said = problem
            time.sleep(POLL_SECONDS)
        else:
            return


def ensure_bucket(admin: Minio, bucket: str) -> None:
    """Makes the bucket unless it is there."""
    if admin.bucket_exists(bucket):
        return
    try:
        admin.make_bucket(bucket)
    except s3_errors.FAILURES as error:
        if s3_errors.code_of(error) not in s3_errors.BUCKET_EXISTS:
            raise
    else:
        say(f"made the bucket {bucket}")


def ensure_users(settings: FirstStartSettings) -> None:
    """Tells a MinIO who everybody is."""
    users = MinioUsers(settings.s3_endpoint, settings.admin)
    bucket = settings.s3_bucket
    users.ensure(settings.services, f"{bucket}-services", services_policy(bucket))
    users.ensure(settings.inference, f"{bucket}-inference", inference_policy(bucket))
    users.ensure(settings.drop, f"{bucket}-drop", drop_policy(bucket))


def prove(admin: Minio, settings: FirstStartSettings) -> list[str]:
    """Returns what each key can do too much, or cannot do."""
    bucket = settings.s3_bucket
    services = trials_of_services(client_of(settings, settings.services), bucket)
    inference = trials_of_inference(client_of(settings, settings.inference), admin, bucket)
    drop = trials_of_drop(client_of(settings, settings.drop), admin, bucket)
    return [
        *problems_with("services", services),
        *problems_with("inference", inference),
        *problems_with("drop", drop),
    ]


def explained(error: Exception) -> str:
    """Returns what went wrong in one line."""
    translated = s3_errors.service_error_of(error, "the bucket")
    return translated.message if isinstance(translated, ServiceError) else str(translated)


def client_of(settings: FirstStartSettings, keys: Keys) -> Minio:
    """Returns a client that signs with `keys`."""
    return s3_client(settings.s3_endpoint, *keys)


def say(line: str) -> None:
    """Tells whoever reads the container's log."""
    sys.stderr.write(f"s3-init: {line}\n")


if __name__ == "__main__":
    sys.exit(main())
