"""Fuzzy sets over the histogram of their indicator, as SVG draws them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle

from operations.reading.words import number
from training.launch.preview import SetsOverBars

WIDTH, TOP, BOTTOM = 600.0, 8.0, 128.0
COLOURS = 5


@dataclass(frozen=True, kw_only=True)
class Line:
    colour: int
    name: str
    points: str
    reached: int
    mostly: int


@dataclass(frozen=True, kw_only=True)
class Picture:
    name: str
    indicator: str
    bars: str
    """The histogram, one path."""
    lines: Sequence[Line]
    low: str
    high: str
    said: Sequence[str]
    """What is amiss: sets that no bar reaches, gaps between sets."""


def pictures_of(groups: Iterable[SetsOverBars]) -> list[Picture]:
    return [_picture(group) for group in groups]


def _picture(group: SetsOverBars) -> Picture:
    def x(value: float) -> float:
        return WIDTH * (value - group.low) / (group.high - group.low)

    def y(share: float) -> float:
        return BOTTOM - share * (BOTTOM - TOP)

    most, step = max(group.counts), WIDTH / len(group.counts)
    bars = "".join(
        f"M{place * step:.1f} {BOTTOM:.0f}V{y(count / most):.1f}h{step:.1f}V{BOTTOM:.0f}z"
        for place, count in enumerate(group.counts)
        if count
    )
    lines = [
        Line(
            colour=colour,
            name=drawn.name,
            points=" ".join(f"{x(value):.1f},{y(share):.1f}" for value, share in drawn.points),
            reached=drawn.reached,
            mostly=drawn.mostly,
        )
        for colour, drawn in zip(cycle(range(1, COLOURS + 1)), group.sets, strict=False)
    ]
    return Picture(
        name=group.name,
        indicator=group.indicator,
        bars=bars,
        lines=lines,
        low=number(group.low),
        high=number(group.high),
        said=_said(group),
    )


def _said(group: SetsOverBars) -> list[str]:
    never = [drawn.name for drawn in group.sets if not drawn.reached]
    said = [f"No bar reaches {name}." for name in never]
    runs = ", ".join(f"{number(first)} to {number(last)}" for first, last in group.gaps)
    if group.outside:
        where = f": {runs}" if runs else ""
        said.append(f"{group.outside:,} of {sum(group.counts):,} bars are in no set{where}.")
    elif runs:
        said.append(f"No set covers {runs}, where no bar lies.")
    return said
