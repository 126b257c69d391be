"""The users of ours on a server of MinIO's kind, and what they may do."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import urllib3
from minio.credentials.providers import StaticProvider
from minio.error import MinioAdminException
from minio.minioadmin import MinioAdmin

from services.chassis.errors import UnavailableError
from services.chassis.storage.first_start.policies import Policy
from services.chassis.storage.first_start.settings import Keys


class MinioUsers:
    """Speaks MinIO's own protocol for administrators, which no other server has."""

    def __init__(self, endpoint_url: str, admin: Keys) -> None:
        """Talks to nobody yet."""
        url = urllib3.util.parse_url(endpoint_url)
        self._admin = MinioAdmin(
            endpoint=url.netloc or "",
            credentials=StaticProvider(*admin),
            secure=url.scheme == "https",
        )

    def ensure(self, keys: Keys, policy_name: str, policy: Policy) -> None:
        """Lets `keys`, and no other user, have the policy; another secret replaces the old one.

        Raises UnavailableError when the server cannot be told.
        """
        for access_key in self._holders_of(policy_name) - {keys.access_key}:
            _told(partial(self._admin.user_remove, access_key))
        _told(partial(self._admin.policy_add, policy_name, policy=policy))
        _told(partial(self._admin.user_add, *keys))
        _told(partial(self._admin.policy_set, policy_name, user=keys.access_key))

    def _holders_of(self, policy_name: str) -> set[str]:
        users: dict[str, dict[str, Any]] = json.loads(_told(self._admin.user_list) or "{}")
        return {
            access_key
            for access_key, user in users.items()
            if policy_name in user.get("policyName", "").split(",")
        }


def _told(tell: Callable[[], str]) -> str:
    try:
        return tell()
    except (MinioAdminException, urllib3.exceptions.HTTPError, ValueError) as error:
        message = (
            f"The server's users cannot be managed ({type(error).__name__}): S3_CREDENTIALS=minio "
            "is for servers of MinIO's kind, and needs the root user's keys."
        )
        raise UnavailableError(message, reason="S3_USERS_UNMANAGED") from error
