"""Small SVG plots for the report; drawn here, since they are a few rectangles and need no library.

Colours are CSS classes of the page, so that plots follow its light and dark themes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

WIDTH, HEIGHT = 360.0, 150.0
LEFT, BOTTOM, TOP = 30.0, 22.0, 10.0
MAX_BINS = 24


@dataclass(frozen=True, slots=True)
class Histogram:
    """What one histogram shows."""

    title: str
    unit: str
    kept: Sequence[float]
    rejected: Sequence[float]
    threshold: float | None = None
    """Drawn as a line where there is one."""


def histogram(figure: Histogram) -> str:
    """Returns an SVG of kept values with the rejected ones stacked upon them."""
    values = np.array([*figure.kept, *figure.rejected], dtype=np.float64)
    if not values.size:
        return ""
    edges = _edges(values)
    kept, _ = np.histogram(figure.kept, edges)
    rejected, _ = np.histogram(figure.rejected, edges)
    highest = max(1, int((kept + rejected).max()))
    step = (WIDTH - LEFT) / len(kept)
    floor = HEIGHT - BOTTOM
    scale = (floor - TOP) / highest
    bars = []
    for position, (good, bad) in enumerate(zip(kept, rejected, strict=True)):
        x = LEFT + position * step
        spread = f"{edges[position]:.3g} to {edges[position + 1]:.3g} {figure.unit}".strip()
        label = f"{spread}: {good} kept, {bad} rejected"
        bars.append(
            f"<g><title>{escape(label)}</title>"
            f"{_bar('kept', x, floor - good * scale, step, good * scale)}"
            f"{_bar('rejected', x, floor - (good + bad) * scale, step, bad * scale)}</g>"
        )
    marks = _axis(edges, floor, highest) + _threshold(figure.threshold, edges, floor)
    name = escape(f"{figure.title}, {figure.unit}" if figure.unit else figure.title)
    return (
        f'<svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="Histogram: {name}">'
        f"{''.join(bars)}{marks}</svg>"
    )


def _edges(values: np.ndarray) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-9:  # noqa: PLR2004 - one value: give it a bar of its own
        low, high = low - 0.5, high + 0.5
    bins = int(np.clip(np.ceil(np.sqrt(values.size)) * 1.5, 6, MAX_BINS))
    edges: np.ndarray = np.linspace(low, high, bins + 1)
    return edges


def _bar(kind: str, x: float, y: float, width: float, height: float) -> str:
    if height <= 0:
        return ""
    return (
        f'<rect class="{kind}" x="{x + 0.75:.1f}" y="{y:.1f}" '
        f'width="{width - 1.5:.1f}" height="{height:.1f}"/>'
    )


def _axis(edges: np.ndarray, floor: float, highest: int) -> str:
    ticks = []
    for share in (0.0, 0.5, 1.0):
        x = LEFT + share * (WIDTH - LEFT)
        value = edges[0] + share * (edges[-1] - edges[0])
        anchor = {0.0: "start", 0.5: "middle", 1.0: "end"}[share]
        ticks.append(
            f'<text x="{x:.0f}" y="{HEIGHT - 6:.0f}" text-anchor="{anchor}">{value:.3g}</text>'
        )
    return (
        f'<line class="axis" x1="{LEFT}" y1="{floor}" x2="{WIDTH}" y2="{floor}"/>'
        f'<text x="{LEFT - 6}" y="{TOP + 6}" text-anchor="end">{highest}</text>'
        f'<text x="{LEFT - 6}" y="{floor}" text-anchor="end">0</text>{"".join(ticks)}'
    )


def _threshold(threshold: float | None, edges: np.ndarray, floor: float) -> str:
    if threshold is None or not edges[0] <= threshold <= edges[-1]:
        return ""
    x = LEFT + (threshold - edges[0]) / (edges[-1] - edges[0]) * (WIDTH - LEFT)
    return (
        f'<line class="threshold" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{floor}"/>'
        f'<text class="threshold" x="{x + 3:.1f}" y="{TOP + 8}">{threshold:g}</text>'
    )
