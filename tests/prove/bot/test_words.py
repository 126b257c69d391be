"""The bot says twenty sentences in voice channels, and Whisper hears them."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.discord_words import word_error_rate
from tests.prove.inference.sentences import SENTENCES

HIGHEST_WORD_ERROR_RATE = 0.08
SAID = SENTENCES[:20]
REPORT = Path(__file__).parents[3] / "docs" / "proofs" / "discord.md"

pytestmark = pytest.mark.timeout(600)


async def test_twenty_sentences_are_understood(tmp_path: Path) -> None:
    rates = {
        name: await word_error_rate(tmp_path / name, SAID, dave=dave)
        for name, dave in (("encrypted", True), ("open", False))
    }
    REPORT.write_text(_report(rates))
    assert max(rates.values()) <= HIGHEST_WORD_ERROR_RATE


def _report(rates: dict[str, float]) -> str:
    lines = "".join(f"- {name}: word error rate {rate:.1%}\n" for name, rate in rates.items())
    return (
        "# Words of the bot in voice channels\n\n"
        "Written by `make prove-bot`, not by hand. The command's bot says "
        f"{len(SAID)} sentences in the voice joe, in two servers of our double of Discord at once; "
        "a listener decrypts (DAVE) and decodes the packets, and Whisper tiny.en hears them. Every "
        "packet had its place, and could be decrypted.\n\n"
        f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, a machine of {os.cpu_count()} cores\n"
        f"{lines}- at most {HIGHEST_WORD_ERROR_RATE:.0%}\n"
    )
