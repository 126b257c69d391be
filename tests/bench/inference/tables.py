"""Shows what was measured, beside what coqui-tts takes for the same."""

from rich.table import Table

from tests.bench.inference.costs import Cost, Costs

Row = tuple[str, ...]
Measured = dict[str, Costs]
"""By subject; `coqui` is one of them."""


def headings(seconds: list[int], streams: int) -> Row:
    """Returns what the columns say."""
    by_length = [
        heading
        for length in seconds
        for heading in (f"{length} s: CPU s", "ratio", "first audio, CPU s", "ratio")
    ]
    at_once = (f"{streams} at once: audio s per s", "ratio to coqui's one", "longest gap, s")
    return ("", *by_length, *at_once, "loaded, GB", "of it private")


def rows(measured: Measured, seconds: list[int]) -> list[Row]:
    """Returns a row for each subject."""
    return [_row(name, costs, measured["coqui"], seconds) for name, costs in measured.items()]


def table(measured: Measured, seconds: list[int], streams: int) -> Table:
    """Returns the table for a terminal."""
    shown = Table(title="XTTS on a CPU", title_justify="left", show_lines=True)
    for heading in headings(seconds, streams):
        shown.add_column(heading, justify="right")
    for row in rows(measured, seconds):
        shown.add_row(*row)
    return shown


def markdown(measured: Measured, seconds: list[int], streams: int) -> str:
    """Returns the table for a page."""
    columns = headings(seconds, streams)
    lines = [columns, ("---", *["---:"] * (len(columns) - 1)), *rows(measured, seconds)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _row(name: str, costs: Costs, coqui: Costs, seconds: list[int]) -> Row:
    cells = [name]
    for length in map(str, seconds):
        own, other = costs.alone[length], coqui.alone[length]
        cells += [f"{own.cpu_seconds:.1f}", _ratio(other.cpu_seconds, own.cpu_seconds)]
        cells += [f"{own.first_cpu_seconds:.2f}"]
        cells += [_ratio(other.first_cpu_seconds, own.first_cpu_seconds)]
    alone = coqui.alone[str(seconds[0])]
    together = costs.together or alone
    cells += [f"{_rate(together):.2f}", _ratio(_rate(together), _rate(alone))]
    cells += [f"{together.gap_seconds:.1f}"]
    return (*cells, f"{costs.loaded_bytes / 1e9:.2f}", f"{costs.private_bytes / 1e9:.2f}")


def _rate(cost: Cost) -> float:
    return cost.audio_seconds / cost.wall_seconds


def _ratio(more: float, less: float) -> str:
    return f"{more / less:.1f}"
