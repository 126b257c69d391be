"""The names of a guild, for texts that mention them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class KnownNames:
    """Names by id."""

    members: Mapping[int, str] = field(default_factory=dict)
    roles: Mapping[int, str] = field(default_factory=dict)
    channels: Mapping[int, str] = field(default_factory=dict)

    def member(self, user_id: int) -> str | None:
        """See Names."""
        return self.members.get(user_id)

    def role(self, role_id: int) -> str | None:
        """See Names."""
        return self.roles.get(role_id)

    def channel(self, channel_id: int) -> str | None:
        """See Names."""
        return self.channels.get(channel_id)
