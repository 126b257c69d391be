"""From where a recording is fetched, and from where not."""

from typing import NoReturn

import pytest

from bot.cloning.attachments import MEBIBYTE, Attachments, Offer
from services.chassis.errors import InvalidInputError

AT_DISCORD = "https://cdn.discordapp.com/attachments/1/2/me.wav?ex=1&hm=2"


def unreachable() -> NoReturn:
    raise AssertionError("nothing is to be fetched")


def refusal(offer: Offer) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        Attachments(unreachable, 25 * MEBIBYTE).check(offer)
    return caught.value


@pytest.mark.parametrize(
    "url",
    [AT_DISCORD, "https://media.discordapp.net/a/me.wav", "https://CDN.discordapp.com:443/me.wav"],
)
def test_discord_s_own_servers_are_asked(url: str) -> None:
    Attachments(unreachable, 25 * MEBIBYTE).check(Offer("me.wav", url, 1000))


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.discordapp.com/me.wav",
        "https://cdn.discordapp.com:50057/me.wav",
        "https://user:word@cdn.discordapp.com/me.wav",
        "https://cdn.discordapp.com@10.0.0.1/me.wav",
        "https://cdn.discordapp.com.example.org/me.wav",
        "https://10.0.0.1/me.wav",
        "https://[::1]/me.wav",
        "https://[bad/me.wav",
        "https://cdn.discordapp.com:port/me.wav",
        "file:///etc/passwd",
        "ftp://cdn.discordapp.com/me.wav",
        "",
    ],
)
def test_nobody_else_is(url: str) -> None:
    assert refusal(Offer.at(url)).reason == "FOREIGN_LINK"


def test_what_is_too_large_or_empty_is_refused_before_it_is_fetched() -> None:
    error = refusal(Offer("me.wav", AT_DISCORD, 200 * MEBIBYTE))
    assert error.message.startswith("That file is too large (200 MB; at most 25 MB)")
    assert refusal(Offer("me.wav", AT_DISCORD, 0)).reason == "EMPTY_FILE"


def test_a_link_is_called_as_its_path_ends() -> None:
    assert Offer.at(AT_DISCORD).name == "me.wav"
    assert Offer.at("https://cdn.discordapp.com/").name == "recording"
