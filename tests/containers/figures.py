"""What the tests of the containers measure; printed at the end, since nothing depends on it."""

FIGURES: list[str] = []


def note_figure(text: str) -> None:
    """Adds a line to what is printed."""
    FIGURES.append(text)
