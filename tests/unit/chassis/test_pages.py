"""Pages of lists: how many entries, and where the next one begins."""

import pytest

from services.chassis.errors import InvalidInputError
from services.chassis.pages import MAX_PAGE, from_token, page_size, to_token


def test_a_page_is_as_long_as_asked_for_or_as_usual() -> None:
    assert page_size(0, 50) == 50
    assert page_size(7, 50) == 7
    for absurd in (-1, MAX_PAGE + 1):
        with pytest.raises(InvalidInputError):
            page_size(absurd, 50)


@pytest.mark.parametrize("place", ["", "ada", "ada/2 ü"])
def test_a_token_leads_back_to_its_place(place: str) -> None:
    assert from_token(to_token(place)) == place


@pytest.mark.parametrize("token", ["?", "a", "gw=="])
def test_a_token_of_somebody_else_is_refused(token: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        from_token(token)
    assert caught.value.reason == "INVALID_PAGE_TOKEN"
