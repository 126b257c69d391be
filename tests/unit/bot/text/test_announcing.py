"""Who speaks, said where it is not clear."""

import pytest

from bot.text.announcing import MOST_GUILDS, Announcer
from bot.text.languages import LANGUAGES
from bot.text.words import WORDS, words_of

GUILD, OTHER_GUILD = 10, 20
ADA, BOB = 1, 2


class Stage:
    """A guild in which people speak, and a clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self.announcer = Announcer(lambda: self.now)

    def says(self, user_id: int, guild_id: int = GUILD, name: str = "") -> str:
        names = {ADA: "Ada", BOB: "Bob"}
        return self.announcer.announced(
            "hello",
            guild_id=guild_id,
            user_id=user_id,
            name=name or names[user_id],
            language_code="en",
        )


def test_the_name_is_said_and_not_again_within_a_minute() -> None:
    stage = Stage()
    assert stage.says(ADA) == "Ada said: hello"
    stage.now += 59.0
    assert stage.says(ADA) == "hello"
    stage.now += 59.0
    assert stage.says(ADA) == "hello", "the minute is one of silence"
    stage.now += 60.0
    assert stage.says(ADA) == "Ada said: hello"


def test_the_name_is_said_whenever_somebody_else_spoke_before() -> None:
    stage = Stage()
    heard = [stage.says(user_id) for user_id in (ADA, BOB, BOB, ADA)]
    assert heard == ["Ada said: hello", "Bob said: hello", "hello", "Ada said: hello"]


def test_guilds_do_not_hear_of_each_other() -> None:
    stage = Stage()
    assert stage.says(ADA, GUILD) == stage.says(ADA, OTHER_GUILD) == "Ada said: hello"
    assert stage.says(ADA, GUILD) == "hello"


@pytest.mark.parametrize(
    ("nickname", "spoken"),
    [
        ("✨ Ada_L ✨", "Ada L"),
        ("**||Ada||**", "Ada"),
        ("{text}", "text"),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER A}da", "Ada"),
        ("Aaaaaaaaaada", "AAda"),
        ("O'Neill", "O'Neill"),
        ("🦊🦊", "somebody"),
        ("", "somebody"),
        ("abcdefgh " * 30, "abcdefgh abcdefgh abcdefgh"),
    ],
)
def test_a_nickname_is_said_without_its_ornaments(nickname: str, spoken: str) -> None:
    said = Stage().announcer.announced(
        "hello", guild_id=GUILD, user_id=ADA, name=nickname, language_code="en"
    )
    assert said == f"{spoken} said: hello"


def test_what_is_no_text_is_announced_as_sent_and_in_the_language() -> None:
    said = Stage().announcer.announced(
        "ein Bild",
        guild_id=GUILD,
        user_id=ADA,
        name="Ada",
        language_code="de",
        is_only_sent=True,
    )
    assert said == "Ada schickt: ein Bild"


def test_every_language_has_words_of_its_own() -> None:
    for code in LANGUAGES:
        words = words_of(code)
        assert (words is WORDS["en"]) == (code == "en")
        for pattern in (words.said, words.sent):
            assert pattern.format(name="Ada", text="x").endswith("x")


def test_memory_is_bounded() -> None:
    stage = Stage()
    for guild_id in range(MOST_GUILDS + 100):
        stage.says(ADA, guild_id)
    assert len(stage.announcer._last) == MOST_GUILDS
