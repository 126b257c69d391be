"""A person's half of DAVE: a whole client of davey's own."""

import davey

from tests.discord_double.dave import VERSION, DaveGroup


class DavePeer:
    """A person's client: a whole session of davey's own."""

    def __init__(self, user_id: int, group: DaveGroup) -> None:
        self._user_id = user_id
        self._group = group
        self._session = davey.DaveSession(VERSION, user_id, group.channel_id)

    @property
    def is_ready(self) -> bool:
        """Says whether it can encrypt and decrypt."""
        return bool(self._session.ready)

    def encrypt(self, frame: bytes) -> bytes:
        """Encrypts an Opus frame, or leaves it as it is before there is a group."""
        return bytes(self._session.encrypt_opus(frame)) if self.is_ready else frame

    def decrypt(self, user_id: int, frame: bytes) -> bytes | None:
        """Decrypts a frame of `user_id`; None if this client cannot."""
        try:
            return bytes(self._session.decrypt(user_id, davey.MediaType.audio, frame))
        except (ValueError, RuntimeError):
            return None

    def meet_server(self, package: bytes) -> None:
        """See DaveMember, as for the rest."""
        self._session.set_external_sender(package)
        self._give_key_package()

    def consider(self, proposals: bytes) -> None:
        made = self._session.process_proposals(davey.ProposalsOperationType.append, proposals)
        assert made
        self._group.on_commit(self._user_id, made.commit + (made.welcome or b""))

    def take_commit(self, transition: int, commit: bytes) -> None:
        self._session.process_commit(commit)
        self._group.on_ready(self._user_id, transition)

    def take_welcome(self, transition: int, welcome: bytes) -> None:
        self._session.process_welcome(welcome)
        self._group.on_ready(self._user_id, transition)

    def execute(self, transition: int) -> None:
        """Nothing: davey's keys hold at once."""

    def start_over(self) -> None:
        self._session.reinit(VERSION, self._user_id, self._group.channel_id)
        self._give_key_package()

    def _give_key_package(self) -> None:
        self._group.on_key_package(self._user_id, self._session.get_serialized_key_package())
