"""Every reason that a service can give for a rejection is counted from zero."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.audio_qc import metrics as audio_qc
from services.dataset import metrics as dataset
from services.transcription import metrics as transcription

SERVICES = Path(audio_qc.__file__).parents[1]
MAKERS = {"Reason", "_Check", "_below"}
"""What is called with a reason's code."""
PASSED_ON = {"REJECTED"}
"""Made by dataset in the name of audio-qc, for clips that come without a reason."""


@pytest.mark.parametrize(
    ("service", "counted"),
    [
        ("audio_qc", audio_qc.REASONS),
        ("dataset", dataset.REASONS),
        ("transcription", transcription.REASONS),
    ],
)
def test_the_counted_reasons_are_those_in_the_code(service: str, counted: tuple[str, ...]) -> None:
    given = {code for path in (SERVICES / service).rglob("*.py") for code in codes_in(path)}
    assert given - PASSED_ON == set(counted)


def codes_in(path: Path) -> Iterator[str]:
    """Yields the codes of all reasons that are made in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            texts = [str(it.value) for it in node.args[:2] if isinstance(it, ast.Constant)]
            if name in MAKERS:  # the code comes first, or after the stage
                yield from [it for it in texts if it.replace("_", "").isupper()][:1]
