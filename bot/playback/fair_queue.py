"""A queue in which users take turns."""

from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class QueueFullError(Exception):
    """No room for another item."""

    def __init__(self, limit: int, *, is_own: bool) -> None:
        """`limit` items wait already: of the user when `is_own`, else of all."""
        whose = "messages of yours" if is_own else "messages"
        self.message = f"{limit} {whose} wait to be spoken already: wait for some of them."
        super().__init__(self.message)
        self.limit = limit
        self.is_own = is_own


class FairQueue(Generic[T]):
    """Items of users, who take turns; those of one user stay in their order.

    Who begins to wait comes after all who wait, but before the second item of any of them.
    """

    def __init__(self) -> None:
        """Is empty."""
        self._waiting: OrderedDict[int, deque[T]] = OrderedDict()

    def put(self, user_id: int, item: T, *, limit: int, limit_per_user: int) -> None:
        """Adds an item.

        Raises:
            QueueFullError: as many wait as may.
        """
        if len(self._waiting.get(user_id, ())) >= limit_per_user:
            raise QueueFullError(limit_per_user, is_own=True)
        if len(self) >= limit:
            raise QueueFullError(limit, is_own=False)
        self._waiting.setdefault(user_id, deque()).append(item)

    def take(self) -> T | None:
        """Removes and returns the next item; none when it is empty."""
        if not self._waiting:
            return None
        user_id, items = self._waiting.popitem(last=False)
        item = items.popleft()
        if items:
            self._waiting[user_id] = items
        return item

    def remove(self, user_id: int | None = None) -> list[T]:
        """Removes and returns the items of a user, or all, in the order of their turns."""
        removed = [item for user, item in self._turns() if user_id in (user, None)]
        if user_id is None:
            self._waiting.clear()
        else:
            self._waiting.pop(user_id, None)
        return removed

    def __len__(self) -> int:
        """Returns how many items wait."""
        return sum(len(items) for items in self._waiting.values())

    def __iter__(self) -> Iterator[T]:
        """Yields the items in the order of their turns."""
        return (item for _, item in self._turns())

    def _turns(self) -> Iterator[tuple[int, T]]:
        waiting = {user_id: list(items) for user_id, items in self._waiting.items()}
        for turn in range(max(map(len, waiting.values()), default=0)):
            for user_id, items in waiting.items():
                if turn < len(items):
                    yield user_id, items[turn]
