"""The options with which a person says who agreed, and what shows it."""

from pathlib import Path
from typing import Annotated

import typer

ConsentId = Annotated[
    str,
    typer.Option(
        "--consent",
        help="A consent that was recorded, as `tts-trainer consents list` shows it.",
        show_default=False,
    ),
]
Speaker = Annotated[
    str,
    typer.Option(help="Who agreed: the person the voice belongs to.", show_default=False),
]
Statement = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help="A recording of that person saying what `tts-trainer consents statement` shows; it is "
        "transcribed and compared.",
        show_default=False,
    ),
]
IHaveConsent = Annotated[
    bool,
    typer.Option(
        "--i-have-consent",
        help="Give your word, which is recorded with your name, that the speaker agreed.",
    ),
]
