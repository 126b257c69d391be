# ruff: noqa: RUF001 - many scripts share shapes
"""Our text front end comes before coqui's cleaners, which then have nothing left to say."""

import re

import pytest
from TTS.tts.layers.xtts.tokenizer import multilingual_cleaners

from services.inference.text.normalising import normalise

WRITTEN = {
    "en": "Dr. Smith paid $3.50 on 03/15/2024 at 9 a.m. for 5 km, 21st & 50%, St. Paul's #1.",
    "es": "La Sra. López pagó 20,50 € el 15/03/2024: 3.º y 50 %.",
    "fr": "Mme. Martin paie 20,50 € le 1er mars 2024 à 14h30, 2e & 50 %.",
    "de": "Dr. Müller zahlt am 3. Oktober 2024 um 14:30 Uhr 1.234,50 €, z. B. 50 %.",
    "it": "Il Sig. Rossi paga 20,15 € il 1 marzo 2024, 3º & 50 %.",
    "pt": "O Sr. Silva paga R$ 20,50 em 15/03/2024, 3ª & 50 %.",
    "pl": "Dr. Nowak płaci 20,15 zł, np. 5 km & 50 %.",
    "tr": "Dr. Ayşe %50 indirim, 3. kat, 1.234,5 & 14:30.",
    "ru": "Г-н Иванов платит 20,15 ₽ 15.03.2024, 3-й, 5 км/ч & 50 %.",
    "nl": "Dhr. Jansen betaalt € 20,15 op 15-03-2024, 3e & 50 %.",
    "cs": "Dr. Novák platí 20,50 Kč dne 15. 3. 2024 & 50 %.",
    "ar": "دفعت 20$ في ١٥/٠٣/٢٠٢٤ و 50٪ & 5 km",
    "hu": "Dr. Szabó 2024. március 15. 14:30, 3. nap, 20 Ft & 50 %.",
    "ko": "2024년 3월 15일 14:30, 50%, 5km & 1.",
    "hi": "15/03/2024 को ₹20, 12,34,567, 50% & 5 km।",
    "zh": "2024年3月15日14:30，50%，$20，3.5公里。",
}


def words_of(text: str) -> str:
    """Chinese marks become commas in coqui, so that marks are not compared."""
    return re.sub(r"[^\w\s]", "", text)


@pytest.mark.parametrize("language_code", WRITTEN)
def test_coqui_finds_nothing_to_expand_in_what_we_normalised(language_code: str) -> None:
    said = normalise(WRITTEN[language_code], language_code)

    cleaned = multilingual_cleaners(said, language_code)

    assert words_of(cleaned) == words_of(said.replace("İ", "i").lower())
