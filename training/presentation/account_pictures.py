"""What a model's account came to, as SVG draws it: equity over drawdown, months, trades."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from training.market_data.report import as_text

WIDTH = 900.0
LEFT, RIGHT = 64.0, 890.0
CELL, YEAR_WIDTH, MONTHS_TOP = 56.0, 60.0, 24.0
CELL_HEIGHT = 22.0
MONTHS_WIDTH = YEAR_WIDTH + 13 * CELL
MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DARKEST = 0.10
"""Of a month's return, up or down: what is beyond is as dark."""
SHADES = 5

Floats = Sequence[float | None]


class Scale:
    """From values to places between two ends."""

    def __init__(self, values: Iterable[float], first: float, last: float) -> None:
        known = list(values)
        self.low, self.high = min(known), max(known)
        self._first, self._last = first, last

    def __call__(self, value: float) -> float:
        spread = (self.high - self.low) or 1.0
        return self._first + (self._last - self._first) * (value - self.low) / spread


def path(xs: Sequence[float], ys: Floats) -> str:
    """A line through points; it begins anew after each None."""
    parts, begins = [], True
    for x, y in zip(xs, ys, strict=True):
        if y is not None:
            parts.append(f"{'M' if begins else 'L'}{x:.1f} {y:.1f}")
        begins = y is None
    return "".join(parts)


def words(x: float, y: float, text: str, anchor: str = "start") -> SafeString:
    return format_html(
        '<text x="{}" y="{}" text-anchor="{}">{}</text>', f"{x:.0f}", f"{y:.0f}", anchor, text
    )


def joined(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def equity_body(curve: Mapping[str, Sequence[Any]]) -> SafeString:
    """`curve` has times, equity, buy_and_hold and drawdown: the last three None between runs."""
    xs = [Scale(curve["times"], LEFT, RIGHT)(time) for time in curve["times"]]
    both = [
        value for name in ("equity", "buy_and_hold") for value in curve[name] if value is not None
    ]
    up = Scale([*both, 1.0], 220.0, 12.0)
    falls = [-value for value in curve["drawdown"] if value is not None]
    down = Scale([*falls, 0.0], 320.0, 244.0)
    lines = [
        (name, path(xs, [None if value is None else up(value) for value in curve[key]]))
        for name, key in (("colour-soft", "buy_and_hold"), ("colour-1", "equity"))
    ]
    depths = [None if value is None else down(-value) for value in curve["drawdown"]]
    return joined(
        [
            format_html(
                '<path class="grid" d="M{0} {2:}H{1}M{0} {3}H{1}"></path>',
                LEFT,
                RIGHT,
                f"{up(1.0):.1f}",
                f"{down(0.0):.1f}",
            ),
            format_html_join("", '<path class="line {}" d="{}"></path>', lines),
            format_html(
                '<path class="area colour-2" d="{}"></path>', _filled(xs, depths, down(0.0))
            ),
            format_html('<path class="line colour-2" d="{}"></path>', path(xs, depths)),
            words(LEFT - 6, up(up.high) + 4, f"{up.high:.3g}", "end"),
            words(LEFT - 6, up(up.low) + 4, f"{up.low:.3g}", "end"),
            words(LEFT - 6, down(0.0) + 4, "0 %", "end"),
            words(LEFT - 6, down(down.low) + 4, f"{100 * down.low:.1f} %", "end"),
            words(LEFT, 340, as_text(curve["times"][0])),
            words(RIGHT, 340, as_text(curve["times"][-1]), "end"),
        ]
    )


def _filled(xs: Sequence[float], ys: Floats, base: float) -> str:
    """Areas between a line and a level, one for each piece."""
    found, piece = [], []
    for x, y in [*zip(xs, ys, strict=True), (0.0, None)]:
        if y is not None:
            piece.append((x, y))
        elif piece:
            points = "".join(f"L{x:.1f} {y:.1f}" for x, y in piece)
            found.append(f"M{piece[0][0]:.1f} {base:.1f}{points}V{base:.1f}z")
            piece = []
    return "".join(found)


def months_by_year(months: Sequence[Sequence[Any]]) -> dict[str, dict[int, float]]:
    """Returns by year, then by month from 1; `months` are rows of month, return, buy and hold."""
    found: dict[str, dict[int, float]] = {}
    for month, earned, _ in months:
        year, _, number = month.partition("-")
        found.setdefault(year, {})[int(number)] = earned
    return found


def compounded(returns: Iterable[float]) -> float:
    return prod(1.0 + value for value in returns) - 1.0


def months_height(years: int) -> float:
    return MONTHS_TOP + years * CELL_HEIGHT + 4


def months_body(by_year: Mapping[str, Mapping[int, float]]) -> SafeString:
    """A row a year, a cell a month, the year's own at its end."""
    heads = [
        words(YEAR_WIDTH + CELL * (place + 0.5), 14, name, "middle")
        for place, name in enumerate([*MONTH_NAMES, "Year"])
    ]
    rows = [
        cell
        for place, (year, earned) in enumerate(by_year.items())
        for cell in _year(year, earned, MONTHS_TOP + place * CELL_HEIGHT)
    ]
    return joined([*heads, *rows])


def _year(year: str, earned: Mapping[int, float], y: float) -> Iterator[SafeString]:
    yield words(YEAR_WIDTH - 12, y + 15, year, "end")
    for number, value in [*earned.items(), (13, compounded(earned.values()))]:
        x = YEAR_WIDTH + CELL * (number - 1)
        shade = min(SHADES, round(SHADES * abs(value) / DARKEST))
        if shade and number <= 12:
            yield format_html(
                '<rect class="cell {} shade-{}" x="{}" y="{}" width="{}" height="{}"></rect>',
                "up" if value > 0 else "down", shade, x + 1, y, CELL - 2, CELL_HEIGHT - 2,
            )  # fmt: skip
        yield format_html(
            '<text class="told" x="{}" y="{}" text-anchor="middle">{}</text>',
            x + CELL / 2, y + 15, f"{100 * value:+.1f}",
        )  # fmt: skip


def trades_body(trades: Sequence[Mapping[str, Any]]) -> SafeString:
    """A dot for each: its net return, by its entry."""
    if not trades:
        return words(LEFT, 100, "There is no trade.")
    across = Scale([trade["entry_time"] for trade in trades], LEFT + 8, RIGHT - 8)
    up = Scale([*(trade["net_return"] for trade in trades), 0.0], 200.0, 12.0)
    dots = {
        side: "".join(
            f"M{across(trade['entry_time']):.1f} {up(trade['net_return']):.1f}h0"
            for trade in trades
            if trade["side"] == side
        )
        for side in (1, -1)
    }
    return joined(
        [
            format_html('<path class="axis" d="M{} {}H{}"></path>', LEFT, f"{up(0.0):.1f}", RIGHT),
            format_html('<path class="dots colour-4" d="{}"></path>', dots[1]),
            format_html('<path class="dots colour-2" d="{}"></path>', dots[-1]),
            words(LEFT - 6, up(up.high) + 4, f"{100 * up.high:+.1f} %", "end"),
            words(LEFT - 6, up(up.low) + 4, f"{100 * up.low:+.1f} %", "end"),
            words(LEFT, 224, as_text(int(across.low))),
            words(RIGHT, 224, as_text(int(across.high)), "end"),
        ]
    )
