"""A curve small enough for a table's cell, as the path of an inline SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, MARGIN = 96, 24, 2  # units of the viewBox


@dataclass(frozen=True, kw_only=True)
class Sparkline:
    path: str
    first: float
    last: float
    best_x: float
    best_y: float


def draw(values: Sequence[float]) -> Sparkline:
    """Two or more values, evenly spaced; the lowest is marked as the best."""
    lowest, highest = min(values), max(values)
    scale = (HEIGHT - 2 * MARGIN) / ((highest - lowest) or 1)
    step = (WIDTH - 2 * MARGIN) / (len(values) - 1)
    points = [
        (round(MARGIN + index * step, 1), round(MARGIN + (highest - value) * scale, 1))
        for index, value in enumerate(values)
    ]
    best_x, best_y = points[values.index(lowest)]
    return Sparkline(
        path="M" + "L".join(f"{x:g},{y:g}" for x, y in points),
        first=values[0],
        last=values[-1],
        best_x=best_x,
        best_y=best_y,
    )
