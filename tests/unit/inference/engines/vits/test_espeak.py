"""Which marks end the clauses that espeak-ng speaks."""

import pytest

from services.inference.engines.vits.espeak import _marks


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("Hello, world!", [",", "!"]),
        ("No mark", ["."]),
        ("Well: yes; it is.", [":", ";", "."]),
        ("He said “stop.” And went…", [".", "."]),
        ("Really?! Yes.", ["?", "."]),
        ("Twenty years — a long time.", [";", "."]),
        ("It costs 3.5, at 10:30.", [",", "."]),
        ("- one - two", [";", "."]),
        ("... and so on", ["."]),
        ("?!", []),
    ],
)
def test_each_clause_has_its_mark(text: str, marks: list[str]) -> None:
    assert _marks(text) == marks
