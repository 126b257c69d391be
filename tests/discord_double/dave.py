"""The voice server's half of DAVE, Discord's end-to-end encryption: who is in the MLS group.

The server proposes who comes and goes, the members commit, the server picks one commit, tells it to
all, and says when the new keys hold. https://daveprotocol.com
"""

import itertools
from dataclasses import dataclass, field
from typing import Protocol

from tests.discord_double.bell import Bell
from tests.discord_double.mls import ExternalSender, split_commit, vector

VERSION = 1


class DaveMember(Protocol):
    """A client in the call; it answers by the methods of the group."""

    def meet_server(self, package: bytes) -> None:
        """Op 25: learns the key of the server; answers with a key package."""

    def consider(self, proposals: bytes) -> None:
        """Op 27: answers with a commit."""

    def take_commit(self, transition: int, commit: bytes) -> None:
        """Op 29: the chosen commit; answers that it is ready."""

    def take_welcome(self, transition: int, welcome: bytes) -> None:
        """Op 30: is in the group now; answers that it is ready."""

    def execute(self, transition: int) -> None:
        """Op 22: sends with the new keys from now on."""

    def start_over(self) -> None:
        """Op 24, epoch 1, and op 21, transition 0: is alone; answers with a new key package."""


@dataclass
class _Change:
    """A batch of proposals on its way to becoming an epoch."""

    removed: list[int]
    added: list[int]
    commits: dict[int, bytes] = field(default_factory=dict)
    transition: int | None = None
    unready: set[int] = field(default_factory=set)


class DaveGroup:
    """The MLS group of one voice channel."""

    def __init__(self, channel_id: int, bell: Bell) -> None:
        self.channel_id = channel_id
        self.epoch = 0
        self.transitions: list[int] = []
        self._bell = bell
        self._sender = ExternalSender()
        self._members: dict[int, DaveMember] = {}
        self._packages: dict[int, bytes] = {}
        self._leaves: list[int | None] = []
        self._stale: set[int] = set()
        self._change: _Change | None = None
        self._transitions = itertools.count(1)
        self._is_advancing = False

    @property
    def is_settled(self) -> bool:
        """Says whether everybody who is in the call holds the keys of everybody else."""
        inside = {user_id for user_id in self._leaves if user_id is not None}
        alone = len(self._members) < 2
        return alone or (self._change is None and not self._stale and inside == set(self._members))

    def admit(self, user_id: int, member: DaveMember) -> None:
        """Somebody joined the call."""
        self._members[user_id] = member
        member.meet_server(self._sender.package)

    def dismiss(self, user_id: int) -> None:
        """Somebody left the call, or lost it."""
        self._members.pop(user_id, None)
        self._packages.pop(user_id, None)
        if self._change:
            self._change.unready.discard(user_id)
            self._change.commits.pop(user_id, None)
        self._advance()

    def on_key_package(self, user_id: int, package: bytes) -> None:
        """Op 26: somebody may be added."""
        self._packages[user_id] = package
        self._advance()

    def on_commit(self, user_id: int, message: bytes) -> None:
        """Op 28: somebody committed the proposals."""
        if self._change and self._change.transition is None:
            self._change.commits[user_id] = message
            self._advance()

    def on_ready(self, user_id: int, transition: int) -> None:
        """Op 23: somebody holds the new keys."""
        if self._change and self._change.transition == transition:
            self._change.unready.discard(user_id)
            self._advance()

    def on_invalid(self, user_id: int) -> None:
        """Op 31: somebody could not follow; they are taken out and in again."""
        self._stale.add(user_id)
        if self._change:
            self._change.unready.discard(user_id)
        self._advance()

    def _advance(self) -> None:
        # Members of the double answer while they are told: what they say waits for the next step.
        if self._is_advancing:
            return
        self._is_advancing = True
        try:
            while self._step():
                pass
        finally:
            self._is_advancing = False
        self._bell.ring()

    def _step(self) -> bool:
        change = self._change
        if change is None:
            return self._propose()
        if change.transition is None:
            return self._choose(change)
        if change.unready:
            return False
        self._execute(change.transition)
        return True

    def _propose(self) -> bool:
        inside = [user_id for user_id in self._leaves if user_id is not None]
        staying = [one for one in inside if one in self._members and one not in self._stale]
        waiting = [one for one in self._packages if one not in staying]
        if inside and len(staying) < 2:
            self._start_over(staying)
            return True
        if not inside:
            if len(waiting) > 1:
                self._found(waiting)
            return len(waiting) > 1
        removed = [one for one in inside if one not in staying]
        if removed or waiting:
            proposals = [self._removal(one) for one in removed]
            proposals += [self._addition(one) for one in waiting]
            self._change = _Change(removed, waiting)
            for user_id in staying:
                self._members[user_id].consider(vector(b"".join(proposals)))
        return bool(removed or waiting)

    def _found(self, waiting: list[int]) -> None:
        # Each has a group of its own and is asked to take the others in: the first commit wins.
        self._change = _Change([], waiting)
        additions = {user_id: self._addition(user_id) for user_id in waiting}
        for user_id in waiting:
            others = [bytes_ for other, bytes_ in additions.items() if other != user_id]
            self._members[user_id].consider(vector(b"".join(others)))

    def _start_over(self, staying: list[int]) -> None:
        self._leaves = []
        self.epoch = 0
        # Who is stale has already given a new key package.
        self._stale.clear()
        for user_id in staying:
            self._packages.pop(user_id, None)
            self._members[user_id].start_over()

    def _choose(self, change: _Change) -> bool:
        voters = self._voters(change)
        if not voters:
            self._change = None
            return True
        if voters[0] not in change.commits:
            return False
        self._announce(change, voters[0])
        return True

    def _voters(self, change: _Change) -> list[int]:
        """The members who may commit, the longest in the call first: theirs is the first commit."""
        inside = set(self._leaves) - set(change.removed) if any(self._leaves) else change.added
        return [user_id for user_id in self._members if user_id in inside]

    def _announce(self, change: _Change, winner: int) -> None:
        commit, welcome = split_commit(change.commits[winner])
        inside = [one for one in self._voters(change) if any(self._leaves) or one == winner]
        added = [one for one in change.added if one != winner]
        if not any(self._leaves):
            self._leaves = [winner]
        self._leaves = [None if one in change.removed else one for one in self._leaves]
        for user_id in added:
            self._seat(user_id)
        self.epoch += 1
        change.transition = next(self._transitions)
        change.unready = {one for one in (*inside, *added) if one in self._members}
        self._stale -= set(change.removed)
        for user_id in (*added, winner):
            self._packages.pop(user_id, None)
        for user_id in inside:
            self._members[user_id].take_commit(change.transition, commit)
        for user_id in added:
            if member := self._members.get(user_id):
                member.take_welcome(change.transition, welcome)

    def _execute(self, transition: int) -> None:
        self._change = None
        self.transitions.append(transition)
        for member in self._members.values():
            member.execute(transition)

    def _seat(self, user_id: int) -> None:
        # A new member takes the leftmost free leaf (RFC 9420, 7.7).
        if None in self._leaves:
            self._leaves[self._leaves.index(None)] = user_id
        else:
            self._leaves.append(user_id)

    def _addition(self, user_id: int) -> bytes:
        return self._sender.add(self.channel_id, self.epoch, self._packages[user_id])

    def _removal(self, user_id: int) -> bytes:
        return self._sender.remove(self.channel_id, self.epoch, self._leaves.index(user_id))
