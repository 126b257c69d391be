"""Prints deploy/compose/settings.yml: which variables of .env reach which container."""

import sys

from env_example import own_fields, services, shared_fields

from services.chassis.settings import ServiceSettings

HEADER = """\
# Which variables of .env reach which container: all that the service reads, save what compose sets
# itself. Written by `make env-example`, not by hand. A variable that .env lacks stays unset.
services:
"""
SET_BY_COMPOSE = {
    "dataset_address",
    "ffmpeg",
    "ffprobe",
    "host",
    "inference_address",
    "media_address",
    "metrics_port",
    "models_dir",
    "nats_password",
    "nats_url",
    "nats_user",
    "port",
    "s3_access_key",
    "s3_secret_key",
    "scratch_dir",
    "store_url",
    "transcription_address",
    "watched_folder",
}
OF_THE_STORE = {"s3_cache_bytes"}


def main() -> None:
    """Writes the file to standard output."""
    each = sorted(services(), key=lambda settings: settings.service_name)
    common = [name for name in shared_fields(each) if passed(name)]
    sys.stdout.write(HEADER)
    for settings in each:
        own = [settings.variable(name) for name in own_fields(settings) if passed(name)]
        shared = [f"TTSTRAINER_{name.upper()}" for name in common if is_read(settings, name)]
        sys.stdout.write(f"  {settings.service_name}:\n    environment:\n")
        sys.stdout.writelines(f"      {variable}:\n" for variable in sorted([*shared, *own]))


def passed(field: str) -> bool:
    """Says whether a person may set the field."""
    return field not in SET_BY_COMPOSE


def is_read(settings: type[ServiceSettings], field: str) -> bool:
    """Says whether a shared field concerns the service."""
    return settings.keeps_artifacts or field not in OF_THE_STORE


if __name__ == "__main__":
    main()
