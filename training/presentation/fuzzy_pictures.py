"""Fuzzy sets over the histogram of their indicator, as SVG draws them."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from operations.reading.words import number
from training.launch.preview import DrawnSet, SetsOverBars

WIDTH, TOP, BOTTOM = 600.0, 8.0, 128.0
COLOURS = 5
HEIGHT, GAP = 205.0, 40.0
"""Of one fuzzy set's picture in a drawing, and between two beside each other."""
CSV_HEADS = ("fuzzy_set", "from", "to", "bars", "membership", "at_its_middle")


@dataclass(frozen=True, kw_only=True)
class Line:
    colour: int
    name: str
    points: str
    reached: int
    mostly: int


@dataclass(frozen=True, kw_only=True)
class Bin:
    """A bar of the histogram."""

    low: float
    high: float
    count: int
    memberships: Sequence[tuple[str, float]]
    """Of the value in its middle, by name, as they are drawn."""

    @property
    def words(self) -> tuple[str, str, str, str]:
        """From, to, bars, and the memberships that are above 0."""
        above = (f"{name} {share:.2f}" for name, share in self.memberships if share >= 0.005)
        return number(self.low), number(self.high), f"{self.count:,}", ", ".join(above)


@dataclass(frozen=True, kw_only=True)
class Picture:
    name: str
    indicator: str
    width: float
    bars: str
    """The histogram, one path."""
    bins: Sequence[Bin]
    lines: Sequence[Line]
    low: str
    high: str
    said: Sequence[str]
    """What is amiss: sets that no bar reaches, gaps between sets."""


def pictures_of(groups: Iterable[SetsOverBars], *, width: float = WIDTH) -> list[Picture]:
    return [_picture(group, width) for group in groups]


def _picture(group: SetsOverBars, width: float) -> Picture:
    def x(value: float) -> float:
        return width * (value - group.low) / (group.high - group.low)

    def y(share: float) -> float:
        return BOTTOM - share * (BOTTOM - TOP)

    most, step = max(group.counts), width / len(group.counts)
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
        width=width,
        bars=bars,
        bins=list(_bins(group)),
        lines=lines,
        low=number(group.low),
        high=number(group.high),
        said=_said(group),
    )


def _bins(group: SetsOverBars) -> Iterator[Bin]:
    width = (group.high - group.low) / len(group.counts)
    for place, count in enumerate(group.counts):
        low = group.low + place * width
        memberships = [(own.name, _at(low + width / 2, own.points)) for own in group.sets]
        yield Bin(low=low, high=low + width, count=count, memberships=memberships)


def _at(value: float, points: Sequence[tuple[float, float]]) -> float:
    """Between the points of a line, by value; level before the first and after the last."""
    before = points[0]
    for after in points:
        if value <= after[0]:
            width = after[0] - before[0]
            part = (value - before[0]) / width if width > 0 else 1.0
            return before[1] + part * (after[1] - before[1])
        before = after
    return before[1]


def as_csv(pictures: Iterable[Picture]) -> str:
    """The histograms' numbers, and each membership in the middle of each bar."""
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(CSV_HEADS)
    for picture in pictures:
        for bar in picture.bins:
            place = [picture.name, bar.low, bar.high, bar.count]
            rows.writerows([*place, name, share] for name, share in bar.memberships)
    return file.getvalue()


def as_svg(of: str, pictures: Sequence[Picture]) -> str:
    """A file that needs no other one, in light colours."""
    context = {"of": of, "body": body(pictures), "height": HEIGHT * len(pictures)}
    return render_to_string("training/fuzzy_sets.svg", context)


def body(pictures: Sequence[Picture], *, columns: int = 1) -> SafeString:
    """Of a drawing: so many beside each other."""
    placed = [
        (picture, (picture.width + GAP) * (place % columns), HEIGHT * (place // columns))
        for place, picture in enumerate(pictures)
    ]
    return SafeString(render_to_string("training/fuzzy_sets_body.svg", {"placed": placed}))


def _of_least(drawn: DrawnSet) -> str:
    return f" with a membership of {drawn.least} or more" if drawn.least else ""


def _said(group: SetsOverBars) -> list[str]:
    never = [drawn for drawn in group.sets if not drawn.reached]
    said = [f"No bar reaches {drawn.name}{_of_least(drawn)}." for drawn in never]
    runs = ", ".join(f"{number(first)} to {number(last)}" for first, last in group.gaps)
    if group.outside:
        where = f": {runs}" if runs else ""
        said.append(f"{group.outside:,} of {sum(group.counts):,} bars are in no set{where}.")
    elif runs:
        said.append(f"No set covers {runs}, where no bar lies.")
    return said
