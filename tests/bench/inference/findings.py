"""What a bench found: tables for a terminal and for a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """A table, and what one must know to read it."""

    title: str
    columns: Row
    rows: Sequence[Row]
    note: str = ""

    def table(self) -> Table:
        """Returns it for a terminal."""
        shown = Table(title=self.title, title_justify="left", caption=self.note)
        for column in self.columns:
            shown.add_column(column, justify="right")
        for row in self.rows:
            shown.add_row(*row)
        return shown

    def markdown(self) -> str:
        """Returns it for a page, under a heading."""
        lines = [self.columns, ("---", *["---:"] * (len(self.columns) - 1)), *self.rows]
        table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
        note = f"{self.note}\n\n" if self.note else ""
        return f"## {self.title}\n\n{note}{table}"


def show(findings: Iterable[Findings]) -> None:
    """Prints tables."""
    console = Console(width=160)
    for each in findings:
        console.print(each.table())
