"""Texts as phonemes, by espeak-ng, with the punctuation that a voice takes its melody from.

espeak-ng is a process of its own, since its licence is the GPL. It is started for every sentence:
it answers only when its input ends.
"""

import re
import subprocess
import unicodedata

from services.chassis.errors import UnavailableError

PROGRAM = "espeak-ng"
TIMEOUT_SECONDS = 10
CLAUSE_END = re.compile(r"[.?!,:;…]+[\"'”’)]*(?=\s|$)|\s*[—–]\s*|\s-+\s")  # noqa: RUF001
LANGUAGE_SWITCH = re.compile(r"\([^)]*\)")


def phonemes_of(text: str, voice: str) -> str:
    """Returns a text as IPA, decomposed into code points, with its punctuation.

    `voice` is espeak-ng's name of a language, such as "en-us". Raises UnavailableError when
    espeak-ng is missing, does not know the voice, or hangs.
    """
    clauses = _spoken_clauses(text, voice)
    marks = _marks(text)
    if len(marks) == len(clauses):
        ends = [mark + " " for mark in marks]
    else:
        # espeak-ng saw other clauses, so which mark belongs where is unknown: pause between them.
        ends = [", "] * (len(clauses) - 1) + marks[-1:]
    joined = "".join(clause + end for clause, end in zip(clauses, ends, strict=False))
    return unicodedata.normalize("NFD", joined.strip())


def _spoken_clauses(text: str, voice: str) -> list[str]:
    try:
        done = subprocess.run(  # noqa: S603  the program is ours, the text comes by stdin
            [PROGRAM, "-q", "-b", "1", "--ipa", "-v", voice, "--stdin"],
            input=" ".join(text.split()).encode(),
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=True,
        )
    except FileNotFoundError as error:
        raise UnavailableError("espeak-ng is not installed: run `make setup`.") from error
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(
            f"espeak-ng made no phonemes with its voice {voice!r}: see `espeak-ng --voices`."
        ) from error
    lines = LANGUAGE_SWITCH.sub("", done.stdout.decode(errors="replace")).splitlines()
    return [line.strip() for line in lines if line.strip()]


def _marks(text: str) -> list[str]:
    """Returns how each clause of `text` ends; the last one ends with a full stop if with nothing.

    Marks with no word before them end no clause.
    """
    marks = []
    begin = 0
    for end in CLAUSE_END.finditer(text):
        if any(character.isalnum() for character in text[begin : end.start()]):
            marks.append(_mark(end[0]))
        begin = end.end()
    if any(character.isalnum() for character in text[begin:]):
        marks.append(".")
    return marks


def _mark(end: str) -> str:
    for mark in "?!":
        if mark in end:
            return mark
    first = end.strip()[0]
    return {"…": ".", "—": ";", "–": ";", "-": ";"}.get(first, first)  # noqa: RUF001
