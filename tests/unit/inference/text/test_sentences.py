# ruff: noqa: RUF001 - many scripts share shapes
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.inference.text.sentences import LOOKAHEAD, Sentence, SentenceFeed, split

LANGUAGES = ["en", "de", "fr", "ja", "zh-CN", "hi", "ar", "tr"]
SNIPPETS = [
    *["Dr. Smith", "z. B.", "3.50", " ", "  ", "\n", "\n\n", "- ", "# ", "|", "1. ", "12", ". "],
    *[".", "...", "…", "!", "?!", "。", "！", "।", "؟", "」", "「", "”", '"', "»", "« ", "(", ")"],
    *[
        "a",
        "B",
        "I",
        "word ",
        "Word ",
        "clause, ",
        "ok; ",
        "今日は",
        "नमस्ते",
        "é",
        "e\u0301",
        "👩\u200d🚀",
    ],
    *[" " * 40, "x" * 70, "!" * 90, "(" * 80, "U.S.", "a.m. ", "*", "`", "と", "\u2029", "\u00a0"],
]
TEXTS = st.lists(st.sampled_from(SNIPPETS), max_size=40).map("".join)


def texts_of(text: str, language_code: str, max_characters: int = 250) -> list[str]:
    return [s.text for s in split(text, language_code, max_characters, min_characters=1)]


@settings(max_examples=400)
@given(
    text=TEXTS,
    cuts=st.lists(st.integers(0, 400), max_size=30),
    language_code=st.sampled_from(LANGUAGES),
    max_characters=st.sampled_from([1, 2, 7, 20, 60, 250]),
)
def test_sentences_do_not_depend_on_how_the_text_arrives(
    text: str, cuts: list[int], language_code: str, max_characters: int
) -> None:
    feed = SentenceFeed(language_code, max_characters)
    bounds = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]

    heard = [s for a, b in pairwise(bounds) for s in feed.feed(text[a:b])]
    heard += feed.flush()

    assert heard == split(text, language_code, max_characters)


@settings(max_examples=300)
@given(
    text=TEXTS,
    language_code=st.sampled_from(LANGUAGES),
    max_characters=st.sampled_from([1, 3, 20, 250]),
)
def test_a_text_fed_character_by_character_gives_the_same_sentences_and_keeps_little(
    text: str, language_code: str, max_characters: int
) -> None:
    feed = SentenceFeed(language_code, max_characters)

    heard: list[Sentence] = []
    for character in text:
        heard += feed.feed(character)
        assert len(feed._rest) <= max_characters + LOOKAHEAD
    heard += feed.flush()

    assert heard == split(text, language_code, max_characters)


@settings(max_examples=300)
@given(
    text=TEXTS | st.text(max_size=300),
    language_code=st.sampled_from(LANGUAGES),
    max_characters=st.integers(1, 80),
)
def test_sentences_cover_the_text_but_white_space_and_none_is_too_long(
    text: str, language_code: str, max_characters: int
) -> None:
    end = 0
    for sentence in split(text, language_code, max_characters):
        assert 0 < sentence.text_length <= max_characters
        assert not text[end : sentence.text_offset].strip()
        end = sentence.text_offset + sentence.text_length
        assert text[sentence.text_offset : end] == sentence.text == sentence.text.strip()
    assert not text[end:].strip()


@pytest.mark.parametrize(
    ("language_code", "text"),
    [
        ("en", "Dr. Smith paid $3.50 to J. R. Jones at 9 a.m. sharp."),
        ("en", "He lives in the U.S. Army base, e.g. No. 5, and waits... or not."),
        ("en", "“Really?” he asked."),
        ("de", "Am 3. Oktober kamen z. B. Prof. Müller und Hr. Schmidt."),
        ("fr", "M. Dupont et Mme. Martin, p. ex. le 3.5."),
        ("es", "El Sr. García y la Dra. López."),
        ("cs", "Dne 5. května přišel např. dr. Novák."),
        ("ru", "А. С. Пушкин и др. Писатели, т. е. поэты."),
        ("ja", "「行こう。」と彼は言った。"),
        ("en", "Visit example.com or v1.2.3 for more."),
        ("en", "a line\nthat was wrapped\nby an editor"),
    ],
)
def test_dots_that_end_no_sentence_are_told_apart(language_code: str, text: str) -> None:
    assert texts_of(text, language_code) == [text]


@pytest.mark.parametrize(
    ("language_code", "expected"),
    [
        ("en", ["So do I.", "He works from 9 a.m.", "Then (etc.) he left...", "She stayed!"]),
        ("en", ['He said "Yes."', "Then he left.", "*Bold.*", "Plain."]),
        ("de", ["Er sagte: „Hallo.“", "Es war 1984.", "»Gut!«", "»Ja.«"]),
        ("fr", ["Il dit : « Bonjour. »", "Puis il part !", "Et après ?"]),
        ("es", ["¿Qué tal?", "¡Hola!", "Bien."]),
        ("hi", ["यह पहला वाक्य है।", "यह दूसरा है।", "क्या?"]),
        ("ar", ["كيف حالك؟", "أنا بخير.", "شكرا"]),
        ("ko", ["안녕하세요.", "반갑습니다!", "네?"]),
        ("ru", ["Привет!", "Как дела?", "Хорошо…", "Да."]),
        ("pl", ["Cześć!", "Jak się masz?"]),
        ("tr", ["Merhaba!", "İyi misin?"]),
        ("nl", ["Dag.", "Hoe gaat het?"]),
        ("it", ["Ciao!", "Come stai?"]),
        ("pt", ["Olá!", "Tudo bem?"]),
        ("cs", ["Ahoj!", "Jak se máš?"]),
        ("hu", ["Szia!", "Hogy vagy?"]),
    ],
)
def test_sentences_end_at_the_marks_of_their_language(
    language_code: str, expected: list[str]
) -> None:
    assert texts_of(" ".join(expected), language_code) == expected


@pytest.mark.parametrize(
    ("language_code", "expected"),
    [
        ("zh-CN", ["你好。", "今天天气很好，我们去公园吧！", "他说：“好。”", "然后走了"]),
        ("ja", ["今日は晴れ。", "「はい！」", "本当？", "3.5キロです"]),
    ],
)
def test_scripts_without_spaces_are_split_at_their_stops(
    language_code: str, expected: list[str]
) -> None:
    assert texts_of("".join(expected), language_code) == expected


@pytest.mark.parametrize(
    ("language_code", "expected"),
    [
        (
            "en",
            [
                "It was Jan. 5.",
                "Then came Feb. 6, see No. 3.",
                "He said no.",
                "Nobody came in Jan.",
            ],
        ),
        ("de", ["Am 5. Jan. 2024 war es.", "Und am 6. Dez. 1999."]),
        ("fr", ["Le 5 janv. 2024.", "Voilà."]),
    ],
)
def test_a_short_form_before_a_number_ends_no_sentence_but_others_do(
    language_code: str, expected: list[str]
) -> None:
    assert texts_of(" ".join(expected), language_code) == expected


def test_headings_list_items_and_paragraphs_stand_alone() -> None:
    text = "# A title\nFirst line\nof a text\n- one\n- two\n\nA paragraph without a stop\n\nThe end"

    assert [s.text for s in split(text, "en", 250)] == [
        "# A title",
        "First line\nof a text",
        "- one",
        "- two",
        "A paragraph without a stop",
        "The end",
    ]


def test_short_sentences_are_joined_but_the_first_comes_early() -> None:
    text = "Yes. No. Maybe so. I would rather not say what I think about that at all."

    early = split(text, "en", 100, min_characters=10)

    assert [s.text for s in early] == [
        "Yes.",
        "No. Maybe so.",
        "I would rather not say what I think about that at all.",
    ]
    patient = split(text, "en", 100, min_characters=10, is_first_early=False)
    assert [s.text for s in patient] == [
        "Yes. No. Maybe so.",
        "I would rather not say what I think about that at all.",
    ]


def test_a_long_sentence_is_cut_after_a_clause_then_between_words() -> None:
    clauses = "The first clause is here, the second one follows; and the third ends"

    assert [s.text for s in split(clauses, "en", 30)] == [
        "The first clause is here,",
        "the second one follows;",
        "and the third ends",
    ]
    assert [s.text for s in split("one two three four", "en", 9)] == ["one two", "three", "four"]
    assert [s.text for s in split("a" * 10, "en", 4)] == ["aaaa", "aaaa", "aa"]


def test_an_accent_is_not_torn_from_its_letter() -> None:
    assert [s.text for s in split("ee\u0301ee", "en", 2)] == ["e", "e\u0301", "ee"]


def test_a_sentence_is_given_when_it_is_complete() -> None:
    feed = SentenceFeed("en", 250)

    assert not list(feed.feed("Hello the"))
    assert not list(feed.feed("re. "))
    assert [s.text for s in feed.feed("N")] == ["Hello there."]
    assert not list(feed.feed("ow more"))
    assert list(feed.flush()) == [Sentence("Now more", 13)]
    assert not list(feed.flush())
    assert not list(feed.feed("  after"))
    assert list(feed.flush()) == [Sentence("after", 23)]


def test_a_book_in_one_piece_takes_time_in_proportion_to_its_length() -> None:
    book = "This is one of the many sentences of a rather long book. " * 20_000

    assert sum(1 for _ in split(book, "en", 250)) == 20_000


def test_nothing_fits_into_no_characters() -> None:
    with pytest.raises(ValueError, match="max_characters"):
        SentenceFeed("en", 0)
