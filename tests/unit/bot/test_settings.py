"""What the bot is told by its environment."""

import pytest

from bot.settings import BotSettings
from services.chassis.load_settings import load


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISCORD_TOKEN", "TTSTRAINER_BOT_TOKEN", "TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TTSTRAINER_NATS_URL", "nats://127.0.0.1:4222")
    monkeypatch.setenv("TTSTRAINER_STORE_URL", "file:///nowhere")


@pytest.mark.parametrize("name", ["DISCORD_TOKEN", "TTSTRAINER_BOT_TOKEN"])
def test_the_token_has_two_names_and_is_not_shown(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "very-secret")
    settings = load(BotSettings)
    assert settings.token.get_secret_value() == "very-secret"
    assert "very-secret" not in repr(settings)


@pytest.mark.parametrize("empty", [None, ""])
def test_without_a_token_one_line_says_where_they_are(
    empty: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKEN", "of somebody else")
    if empty is not None:
        monkeypatch.setenv("DISCORD_TOKEN", empty)
    with pytest.raises(SystemExit) as caught:
        load(BotSettings)
    assert caught.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "DISCORD_TOKEN is not set" in line
    assert "https://discord.com/developers" in line


def test_without_nats_one_line_says_what_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "x")
    monkeypatch.delenv("TTSTRAINER_NATS_URL")
    with pytest.raises(SystemExit):
        load(BotSettings)
    (line,) = capsys.readouterr().err.splitlines()
    assert "TTSTRAINER_BOT_NATS_URL (or TTSTRAINER_NATS_URL) is not set" in line


def test_what_it_does_not_know_is_refused_with_a_hint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "very-secret")
    monkeypatch.setenv("TTSTRAINER_BOT_PREFXI", "?")
    with pytest.raises(SystemExit):
        load(BotSettings)
    said = capsys.readouterr().err
    assert "did you mean TTSTRAINER_BOT_PREFIX?" in said
    assert "very-secret" not in said


@pytest.mark.parametrize(("consent", "answer"), [("300", "60"), ("120", "120"), ("inf", "60")])
def test_questions_that_outlast_what_discord_answers_to_are_refused_in_one_line(
    consent: str,
    answer: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "x")
    monkeypatch.setenv("TTSTRAINER_BOT_CONSENT_SECONDS", consent)
    monkeypatch.setenv("TTSTRAINER_BOT_ANSWER_SECONDS", answer)
    with pytest.raises(SystemExit):
        load(BotSettings)
    (line,) = capsys.readouterr().err.splitlines()
    assert "2 x TTSTRAINER_BOT_CONSENT_SECONDS + 5 x TTSTRAINER_BOT_ANSWER_SECONDS" in line
    assert "at most 780" in line


def test_the_longest_questions_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "x")
    monkeypatch.setenv("TTSTRAINER_BOT_CONSENT_SECONDS", "240")
    assert load(BotSettings).consent_seconds == 240
