"""What is said of a message."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.text.attachments import Attachment
from bot.text.speakable import TextRules, speakable
from bot.text.words import WORDS
from tests.fakes.bot_names import KnownNames

NAMES = KnownNames(
    members={1: "Ada ✨", 2: "xX_B0b_Xx", 3: "**||<@1>||**"},
    roles={3: "Moderators"},
    channels={4: "general-chat"},
)


def said(text: str, **rules: object) -> str:
    return speakable(text, NAMES, TextRules(**rules))  # type: ignore[arg-type] # any rule


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("hi <@1> and <@!2>!", "hi Ada and xX B0b Xx!"),
        ("hi <@99>", "hi somebody"),
        ("<@&3>, see <#4> or <#5>", "Moderators, see general-chat or a channel"),
        ("@everyone and @here, write to me@here.com", "everyone and here, write to me@here.com"),
        ("a nickname of marks: <@3>", "a nickname of marks: 1"),
        ("</say hello:123> in <id:customize>", "say hello in"),
        ("at <t:1618953630:F>", "at 2021-04-20 21:20 UTC"),
        ("at <t:1618953630:t> on <t:1618953630:D>", "at 21:20 UTC on 2021-04-20"),
        ("never <t:99999999999999>", "never"),
    ],
)
def test_mentions_are_said_by_name(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("nice <:pepeHands_2:123456>", "nice, pepe Hands 2"),
        ("<a:blob:5><a:blob:5> <a:blob:5>", "blob"),
        ("so good ❤️❤️ ❤️ really", "so good, red heart, really"),
        ("👍🏽", "thumbs up"),
        ("I <3 you", "I, red heart, you"),
        (":smile: at 10:30:45", "smile, at 10:30:45"),
        ("👨‍👩‍👧 and 🇩🇪", "family man woman girl, and, Germany"),
    ],
)
def test_emoji_are_said_by_name_and_once(written: str, spoken: str) -> None:
    assert said(written) == spoken


def test_emoji_have_the_names_of_the_language() -> None:
    assert said("ich ❤️ dich", language_code="de") == "ich, rotes herz, dich"
    assert said("嬉しい😂", language_code="ja") == "嬉しい、嬉し泣き"


def test_where_there_are_no_names_emoji_are_silent_rather_than_english() -> None:
    assert said("kocham ❤️ cię", language_code="pl") == "kocham cię"


def test_emoji_are_silent_for_those_who_want_it_so() -> None:
    assert said("a 👍 <:b:1> :cry: <3 d", read_emoji=False) == "a d"


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("see https://www.youtube.com/watch?v=a_b__c, ok?", "see link youtube.com, ok?"),
        ("<https://user:secret@x.org/a>", "link x.org"),
        ("(http://a.b/c)", "(link a.b)"),
        ("http://[::1]/ and steam://run/5", "link and link"),
        (f"https://{'a' * 60}.com/", "link"),
        ("[click me](https://evil.com/x) [or](<https://a.b>)", "click me or"),
        ("www.wikipedia.org.", "link wikipedia.org."),
        ("mail me@home.net", "mail me@home.net"),
    ],
)
def test_links_are_said_by_where_they_lead(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("try\n```py\nprint('||x||')\n```\nnow", "try. code. now"),
        ("call `print` or ``a`b``", "call print or ab"),
        ("he ||dies **twice**|| there", "he spoiler there"),
        ("||https://x.com|| ||<@1>||", "spoiler spoiler"),
        ("**bold *and* x** __u__ ~~s~~ ***b*** _i_", "bold and x u s b i"),
        ("un**believ**able", "unbelievable"),
        ("snake_case and 5*3", "snake_case and 5*3"),
        ("\\*not bold\\* \\<@1>", "not bold Ada"),
        ("# Title\n> a quote\n>>> more\n- one\n-# small", "Title. a quote. more. one. small"),
        ("one!\n\n\ntwo", "one! two"),
        ("a < b | c > d", "a b c d"),
        ("unclosed ** __ ~~ || ``` `", "unclosed"),
    ],
)
def test_marks_are_not_said_and_what_is_hidden_stays_so(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("nooooooo!!!!!!", "nooo!!!"),
        ("AaAaAaAa", "AAA"),
        ("hahahahahaha", "hahaha"),
        ("lol lol lol lol lol lol", "lol lol lol lol"),
        ("1000000 and 11111111", "1000000 and 11111111"),
        ("banana Mississippi", "banana Mississippi"),
        ("z" + "\u0301" * 50, "z" + "\u0301" * 3),
    ],
)
def test_what_goes_on_and_on_is_shortened(written: str, spoken: str) -> None:
    assert said(written) == spoken


def test_how_often_a_character_may_stand_in_a_row_can_be_chosen() -> None:
    assert said("noooooooo", max_repeated_characters=2) == "noo"
    assert said("noooooooo", max_repeated_characters=6) == "noooooo"


def test_a_long_message_ends_with_a_sentence_and_says_that_there_is_more() -> None:
    text = "This is the first sentence. This is the second one. And this the third."
    assert said(text, max_characters=68) == (
        "This is the first sentence. This is the second one, and so on."
    )


def test_a_long_sentence_ends_with_a_word() -> None:
    text = "one two three four five six seven eight nine ten"
    assert said(text, max_characters=40) == "one two three four five six, and so on."


def test_a_long_word_is_cut_where_it_must_be() -> None:
    assert said("abcdefghij" * 2, max_characters=19) == "abcdefg, and so on."


def test_a_long_message_ends_in_the_words_of_its_language() -> None:
    assert said("今日はいい天気です" * 3, language_code="ja", max_characters=20) == (
        "今日はいい天気です今日はいい天、以下略。"
    )
    assert said("a b c d e f g h i j k l m n", language_code="de", max_characters=26) == (
        "a b c d e, und so weiter."
    )


def test_attachments_are_said_by_kind_after_the_text() -> None:
    rules = TextRules()
    picture, file = Attachment.PICTURE, Attachment.FILE
    assert speakable("look!", NAMES, rules, [picture]) == "look! a picture"
    assert speakable("look", NAMES, rules, [picture]) == "look. a picture"
    assert speakable("", NAMES, rules, [file, picture, file]) == "files, a picture"
    german = TextRules(language_code="de-AT")
    assert speakable("", NAMES, german, [picture]) == "ein Bild"


@pytest.mark.parametrize("written", ["", "  \n ", "...", "?!", "** **", "\u200b", "```"])
def test_a_message_without_words_is_nothing_to_say(written: str) -> None:
    assert said(written) == ""


def test_a_language_without_words_of_its_own_gets_the_english_ones() -> None:
    assert said("||x||", language_code="sv") == "spoiler"
    assert said("<@99>", language_code="") == "somebody"


MARKS = (
    "<@1> <@!2> <@99> <@&3> <#4> <a:pepe_x:12> <:ok:1> <t:16189536:R> </a:1> <id:x> @everyone "
    "**bold** *i* __u__ _i_ ~~s~~ ||spoil|| `c` ```code``` ``` || ** __ ~~ ` * _ \\ < > | ~ # > "
    ">>> - -# https://a.b/c?d=e <https://a.b> [x](https://a.b) www.a.b :// http:// :smile: ❤️ 👍🏽 "
    "🇩🇪 hello world 1000 sooooo hahahaha . ! ? , 。 、 é 漢字 \u200d \u202e \x00 \ud800"
)
PIECES = st.sampled_from([*MARKS.split(), "\n", " ", "  ", "\t", "\r\n", "\u2028"])
MESSAGES = st.lists(PIECES | st.text(max_size=8), max_size=40).map("".join)
RULES = st.builds(
    TextRules,
    language_code=st.sampled_from(["", *WORDS, "pt-BR", "sv", "?"]),
    max_characters=st.integers(1, 300),
    max_repeated_characters=st.integers(2, 6),
    read_emoji=st.booleans(),
)
ATTACHMENTS = st.lists(st.sampled_from(Attachment), max_size=4)
LEFT_OVER = re.compile(
    r"[<>`|~\\]|\*\*|__|://|(?<!\w)@(everyone|here)\b|\s\s|[\x00-\x1f\x7f\u2028\u200b\u202e\ud800]"
)


@given(text=MESSAGES, rules=RULES, attachments=ATTACHMENTS)
@example(text="http**s://x**", rules=TextRules(), attachments=[])
@example(text="https:/\\/x <<@1>@1>", rules=TextRules(), attachments=[])
@example(text="|`|x|`|", rules=TextRules(), attachments=[])
def test_whatever_is_written_no_mark_of_it_is_left_and_no_limit_is_passed(
    text: str, rules: TextRules, attachments: list[Attachment]
) -> None:
    spoken = speakable(text, NAMES, rules, attachments)
    assert len(spoken) <= rules.max_characters
    assert not LEFT_OVER.search(spoken)
    assert spoken == spoken.strip()


@given(MESSAGES)
def test_no_secret_of_a_spoiler_is_said(text: str) -> None:
    hidden = text.replace("|", "").replace("\\", "").replace("`", "")
    assert "qxzj" not in said(f"||{hidden} qxzj|| end")
