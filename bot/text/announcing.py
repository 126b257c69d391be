"""Says who speaks, where that is not clear."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from bot.text.names import spoken_name
from bot.text.words import words_of

AGAIN_SECONDS: Final = 60.0
"""After so much silence of a speaker the name is said again."""
MOST_GUILDS: Final = 10_000


class Announcer:
    """Remembers who was heard last in each guild."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Asks `clock` for seconds that go on evenly."""
        self._clock = clock
        self._last: OrderedDict[int, tuple[int, float]] = OrderedDict()

    def announced(
        self,
        spoken: str,
        *,
        guild_id: int,
        user_id: int,
        name: str,
        language_code: str,
        is_only_sent: bool = False,
    ) -> str:
        """Returns `spoken` after the name of who says it: "Ada said: hello".

        The name is left out for who was the last to speak, in the last minute. `is_only_sent`
        tells that there is no text, but attachments: "Ada sent: a picture".
        """
        now = self._clock()
        last_user_id, at = self._last.get(guild_id, (None, 0.0))
        self._last[guild_id] = (user_id, now)
        self._last.move_to_end(guild_id)
        if len(self._last) > MOST_GUILDS:
            self._last.popitem(last=False)
        if user_id == last_user_id and now - at < AGAIN_SECONDS:
            return spoken
        words = words_of(language_code)
        pattern = words.sent if is_only_sent else words.said
        return pattern.format(name=spoken_name(name, words.somebody), text=spoken)
