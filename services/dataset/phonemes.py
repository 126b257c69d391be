"""Phonemes of texts, by espeak-ng: which sounds a dataset holds, and which it lacks."""

import asyncio
import shutil
from collections.abc import Sequence

PROGRAM = "espeak-ng"
STRESS_AND_TIES = str.maketrans("", "", "ˈˌ\u200d\u0361")
TIMEOUT_SECONDS = 120
# A sentence that holds every phoneme of English; other languages are compared with themselves.
PHONETIC_PANGRAMS = {
    "en": "The beige hue on the waters of the loch impressed all, including the French queen, "
    "before she heard that symphony again, just as young Arthur wanted. "
    "The boy enjoyed fewer hours of poor old Judge Shaw's usual treasure, though.",
}


def available() -> bool:
    """True when espeak-ng is installed."""
    return shutil.which(PROGRAM) is not None


async def phonemes_of(texts: Sequence[str], language_code: str) -> list[list[str]] | None:
    """Returns the words of all `texts` as IPA phonemes without stress.

    None when espeak-ng is missing, does not know the language or takes too long: the caller says
    that sounds were not counted. espeak-ng is a process of its own, since its licence is the GPL.
    """
    if not available() or not texts:
        return None
    process = await asyncio.create_subprocess_exec(
        PROGRAM, "-q", "--ipa", "--sep=_", "-v", language_code.lower(), "--stdin",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            output, _ = await process.communicate("\n".join(texts).encode())
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        return None
    return _words(output.decode(errors="replace"))


def pangram(language_code: str) -> str:
    """Returns a text that holds every phoneme of the language, or nothing if none is known."""
    return PHONETIC_PANGRAMS.get(language_code.split("-", maxsplit=1)[0].lower(), "")


def _words(output: str) -> list[list[str]]:
    cleaned = output.translate(STRESS_AND_TIES)
    return [[p for p in word.split("_") if p] for word in cleaned.split()]
