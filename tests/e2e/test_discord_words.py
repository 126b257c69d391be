"""People in voice channels understand the bot; `make prove-bot` has it say more."""

from pathlib import Path

import pytest

from tests.discord_words import word_error_rate
from tests.prove.inference.sentences import SENTENCES

HIGHEST_WORD_ERROR_RATE = 0.08
SAID = SENTENCES[::5]
"""Of all kinds: in the first six, a tongue twister that Whisper hears wrong makes up the limit."""

pytestmark = pytest.mark.timeout(300)


async def test_sentences_are_understood_through_encryption(tmp_path: Path) -> None:
    rate = await word_error_rate(tmp_path, SAID, dave=True)
    assert rate <= HIGHEST_WORD_ERROR_RATE
