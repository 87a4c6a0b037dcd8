"""A price with what was done on it, as SVG draws it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from django.utils.html import format_html
from django.utils.safestring import SafeString

from training.launch.preview import LabelledPrice
from training.market_data.report import as_text
from training.presentation.account_pictures import LEFT, RIGHT, Scale, joined, path, words

TOP, BOTTOM, HEIGHT = 20.0, 260.0, 300
STRIP = 8.0
"""How high the positions are, below the price."""
PART_KEYS = (
    ("part-train", "train"),
    ("part-validation", "validation"),
    ("part-test", "test"),
)
LABELS = 20.0
"""How high the labels are, likewise."""
MARK = 5.0
RING = "a3 3 0 1 0 6 0a3 3 0 1 0 -6 0"


def body(told: Mapping[str, Any]) -> SafeString:
    """`told` is `price_process.price`'s answer."""
    candles = told["candles"]
    times = candles["times"]
    if not times:
        return words(LEFT, 100, "There is no bar in this time.")
    up = Scale([*candles["low"], *candles["high"]], BOTTOM, TOP + 6)
    trades = _trades(told["trades"], Places(times), up)
    return joined([*_price(times, candles["close"], up, told["parts"]), *trades])


def labelled_body(price: LabelledPrice) -> SafeString:
    """With how many bars of each piece are labelled buy, hold and sell, below it."""
    up = Scale([*price.low, *price.high], BOTTOM, TOP + 6)
    return joined([*_price(price.times, price.close, up, price.parts), *_labels(price)])


def _price(
    times: Sequence[int], closes: Sequence[float], up: Scale, parts: Sequence[Sequence[Any]]
) -> Iterator[SafeString]:
    bar = Places(times)
    yield from _parts(parts, bar)
    line = path([bar.place(row) for row in range(len(times))], [up(close) for close in closes])
    yield format_html('<path class="line colour-ink" d="{}"></path>', line)
    yield words(LEFT - 6, up(up.high) + 4, f"{up.high:,.6g}", "end")
    yield words(LEFT - 6, up(up.low) + 4, f"{up.low:,.6g}", "end")
    yield words(LEFT, HEIGHT - 6, as_text(times[0]))
    yield words(RIGHT, HEIGHT - 6, as_text(times[-1]), "end")


def _labels(price: LabelledPrice) -> Iterator[SafeString]:
    """Shares of each piece's labelled bars, one class upon the other."""
    if not price.labels:
        return
    step = (RIGHT - LEFT) / len(price.times)
    totals = [sum(counts) for counts in zip(*price.labels, strict=True)]
    tops = [BOTTOM + 4.0] * len(totals)
    for colour, counts in zip(("colour-4", "colour-soft", "colour-2"), price.labels, strict=True):
        shapes = []
        for place, (count, total) in enumerate(zip(counts, totals, strict=True)):
            if count:
                height = LABELS * count / total
                x = LEFT + place * step
                shapes.append(f"M{x:.1f} {tops[place]:.1f}h{step:.2f}v{height:.1f}h-{step:.2f}z")
                tops[place] += height
        yield format_html('<path class="bars {}" d="{}"></path>', colour, "".join(shapes))


class Places:
    """From times to places: bars stand side by side, whatever lies between them."""

    def __init__(self, times: Sequence[int]) -> None:
        self._times = np.array(times)
        self.place = Scale([0, max(len(times) - 1, 1)], LEFT, RIGHT)

    def __call__(self, time: int) -> float:
        """Of the candle that a time is in."""
        row = int(np.searchsorted(self._times, time, side="right")) - 1
        return self.place(min(max(row, 0), len(self._times) - 1))

    def shows(self, first: int, last: int) -> bool:
        return bool(first <= self._times[-1] and last >= self._times[0])


def _parts(parts: Sequence[Sequence[Any]], bar: Places) -> Iterator[SafeString]:
    for name, first, last in parts:
        if not bar.shows(first, last):
            continue
        x = bar(first)
        yield format_html(
            '<rect class="part part-{}" x="{}" y="{}" width="{}" height="{}"></rect>',
            name, f"{x:.1f}", TOP, f"{max(bar(last) - x, 1.0):.1f}", BOTTOM - TOP,
        )  # fmt: skip
        yield words(x + 3, TOP - 6, name)


def _trades(trades: Sequence[Mapping[str, Any]], bar: Places, up: Scale) -> Iterator[SafeString]:
    """Positions as a strip below the price; entries as triangles, exits as rings."""
    for side, colour, turn in ((1, "colour-4", -MARK), (-1, "colour-2", MARK)):
        own = [trade for trade in trades if trade["side"] == side]
        held = "".join(
            f"M{bar(it['entry_time']):.1f} {BOTTOM + 6:.0f}H{bar(it['exit_time']):.1f}v{STRIP:.0f}"
            f"H{bar(it['entry_time']):.1f}z"
            for it in own
        )
        entries = "".join(
            f"M{bar(it['entry_time']):.1f} {up(it['entry_price']):.1f}l{MARK:.0f} {-2 * turn:.0f}"
            f"h{-2 * MARK:.0f}z"
            for it in own
        )
        exits = "".join(
            f"M{bar(it['exit_time']) - 3:.1f} {up(it['exit_price']):.1f}{RING}" for it in own
        )
        yield format_html('<path class="bars {}" d="{}"></path>', colour, held)
        yield format_html('<path class="bars {}" d="{}"></path>', colour, entries)
        yield format_html('<path class="line {}" d="{}"></path>', colour, exits)
