"""Hits against confidence, and what a threshold does; predicted against real returns: as SVG."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from training.presentation.account_pictures import Scale, joined, path, words

WIDTH, HEIGHT = 900.0, 284.0
LEFT, MIDDLE = 64.0, 520.0
RIGHT, TOP, BOTTOM = 890.0, 16.0, 260.0
CAP = 4.0
"""Half of the dash at an interval's end."""

Bins = Sequence[Mapping[str, Any]]


def percent(value: float, digits: int = 1) -> str:
    return f"{100 * value:+.{digits}f} %"


def calibration(bins: Bins, thresholds: Sequence[Mapping[str, Any]], own: float) -> SafeString:
    """On the left hits by confidence; on the right the return by threshold."""
    return joined([_hits(bins), _thresholds(thresholds, own)])


def _hits(bins: Bins) -> SafeString:
    across = Scale([0.3, 1.0], LEFT, MIDDLE - 90)
    up = Scale([0.0, 1.0], BOTTOM, TOP)
    ends = (f"{place:.1f}" for place in (across(0.3), up(0.3), across(1.0), up(1.0)))
    return joined(
        [
            _behind([across(own["said"]) for own in bins], [own["count"] for own in bins]),
            *_frame(across, up, "0 %", "100 %", "30 %", "confidence", "100 %"),
            format_html('<path class="axis" d="M{} {}L{} {}"></path>', *ends),
            _intervals(bins, across, up),
        ]
    )


def _thresholds(thresholds: Sequence[Mapping[str, Any]], own: float) -> SafeString:
    across = Scale([0.0, 1.0], MIDDLE + 40, RIGHT)
    earned = [row["net_return"] for row in thresholds]
    up = Scale([*earned, 0.0], BOTTOM, TOP)
    low, high = percent(up.low, 0), percent(up.high, 0)
    xs = [across(row["threshold"]) for row in thresholds]
    return joined(
        [
            _behind(xs, [row["trades"] for row in thresholds]),
            *_frame(across, up, low, high, "0 %", "threshold", "100 %"),
            format_html('<path class="grid" d="{}"></path>', _level(across, up(0.0))),
            format_html('<path class="line colour-1" d="{}"></path>', path(xs, _all(up, earned))),
            format_html('<path class="dots colour-1" d="{}"></path>', _dots(xs, _all(up, earned))),
            format_html(
                '<path class="line colour-2" d="M{0:} {1}V{2}"></path>',
                f"{across(own):.1f}", f"{TOP:.0f}", f"{BOTTOM:.0f}",
            ),
        ]
    )  # fmt: skip


def returns(bins: Bins, dots: Sequence[tuple[float, float]]) -> SafeString:
    """What came by what was predicted: samples, and groups of them."""
    across = Scale([*(x for x, _ in dots), *(own["said"] for own in bins)], LEFT, RIGHT)
    up = Scale([*(y for _, y in dots), *(own["came"] for own in bins), 0.0], BOTTOM, TOP)
    ends = [max(across.low, up.low), min(across.high, up.high)]
    low, high = percent(up.low), percent(up.high)
    return joined(
        [
            format_html(
                '<path class="small-dots colour-soft" d="{}"></path>',
                _dots([across(x) for x, _ in dots], [up(y) for _, y in dots]),
            ),
            *_frame(
                across, up, low, high, percent(across.low, 2), "predicted", percent(across.high, 2)
            ),
            format_html('<path class="grid" d="{}"></path>', _level(across, up(0.0))),
            format_html(
                '<path class="grid" d="{}"></path>',
                path([across(end) for end in ends], [up(end) for end in ends])
                if ends[0] < ends[1]
                else "",
            ),
            _intervals(bins, across, up),
        ]
    )


def _behind(xs: Sequence[float], counts: Sequence[int]) -> SafeString:
    """How many there are of each, the most as high as the picture."""
    most = max(counts, default=0) or 1
    bars = "".join(
        f"M{x - 5:.1f} {BOTTOM:.0f}V{BOTTOM - (BOTTOM - TOP) * count / most:.1f}h10V{BOTTOM:.0f}z"
        for x, count in zip(xs, counts, strict=True)
    )
    return format_html('<path class="area colour-soft" d="{}"></path>', bars)


def _frame(
    across: Scale, up: Scale, low: str, high: str, first: str, name: str, last: str
) -> list[SafeString]:
    left, right = across(across.low), across(across.high)
    return [
        format_html('<path class="axis" d="{}"></path>', _level(across, BOTTOM)),
        words(left - 6, up(up.low) + 4, low, "end"),
        words(left - 6, up(up.high) + 4, high, "end"),
        words(left, BOTTOM + 18, first),
        words((left + right) / 2, BOTTOM + 18, name, "middle"),
        words(right, BOTTOM + 18, last, "end"),
    ]


def _intervals(bins: Bins, across: Scale, up: Scale) -> SafeString:
    """A dot for each, and its interval of 95 %."""
    xs = [across(own["said"]) for own in bins]
    ends = [
        (x, min(max(up(own["low"]), TOP), BOTTOM), min(max(up(own["high"]), TOP), BOTTOM))
        for x, own in zip(xs, bins, strict=True)
    ]
    bars = "".join(
        f"M{x - CAP:.1f} {low:.1f}h{2 * CAP:.0f}M{x:.1f} {low:.1f}V{high:.1f}"
        f"M{x - CAP:.1f} {high:.1f}h{2 * CAP:.0f}"
        for x, low, high in ends
    )
    came = [up(own["came"]) for own in bins]
    return joined(
        [
            format_html('<path class="line colour-1" d="{}"></path>', bars),
            format_html('<path class="dots colour-1" d="{}"></path>', _dots(xs, came)),
        ]
    )


def _all(scale: Scale, values: Sequence[float]) -> list[float]:
    return [scale(value) for value in values]


def _level(across: Scale, y: float) -> str:
    return f"M{across(across.low):.1f} {y:.1f}H{across(across.high):.1f}"


def _dots(xs: Sequence[float], ys: Sequence[float]) -> str:
    """Without a length, each is as wide as its line."""
    return "".join(f"M{x:.1f} {y:.1f}h0" for x, y in zip(xs, ys, strict=True))
