"""Long answers, a page at a time."""

from bot.pages import MOST_CHARACTERS, paged


def test_a_page_has_so_many_lines_and_the_last_one_the_rest() -> None:
    assert paged(list("abcde"), 2) == ["a\nb", "c\nd", "e"]
    assert paged([], 2) == []


def test_a_page_has_no_more_than_discord_takes() -> None:
    lines = [str(number) * 400 for number in range(10)] * 3
    pages = paged(lines, 20)
    assert "\n".join(pages).split("\n") == lines
    assert max(map(len, pages)) <= MOST_CHARACTERS
    assert len(pages) == 3


def test_a_page_is_filled_to_the_last_character() -> None:
    half = "x" * (MOST_CHARACTERS // 2)
    assert paged([half, half[1:]], 9) == [f"{half}\n{half[1:]}"]
    assert paged([half, half], 9) == [half, half]
