"""Which times each fold is trained, validated and tested on, drawn over the price."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from training.evaluation.backtest import thin
from training.features.arrays import Int64Array
from training.features.coverage import latest_samples
from training.features.history import History
from training.features.splits import PARTS, cut
from training.folds.request import Fold, FoldsRequest
from training.folds.start import histories_of
from training.market_data.report import as_text
from training.strategy.values import first_second

WIDTH = 1000.0
PRICE_HEIGHT = 120.0
ROW_HEIGHT = 9.0
GAP = 3.0


@dataclass(frozen=True, kw_only=True)
class Band:
    part: str
    """`train`, `validation`, `test`; or `purged`, which is none of them."""
    x: float
    width: float


@dataclass(frozen=True, kw_only=True)
class Row:
    number: int
    y: float
    bands: tuple[Band, ...]


@dataclass(frozen=True, kw_only=True)
class Picture:
    rows: tuple[Row, ...]
    height: float
    first: str
    last: str
    price: str = ""
    """Points of a line, on a logarithmic scale; empty where there is none."""
    symbol: str = ""
    """Whose price it is."""


def of_request(request: FoldsRequest) -> Picture:
    """By the dates alone."""
    return _picture(request.folds, top=0.0)


def with_price(request: FoldsRequest) -> Picture:
    """Reads bars. With what is left out between the runs, were every label to end late."""
    histories = histories_of(request.training)
    left_out = [list(_left_out(request, fold, histories)) for fold in request.folds]
    first, last = _span(request.folds)
    history = histories[0]
    points = thin(history.times.size)
    times, closes = history.times[points], np.log10(history.rows.close[points])
    shown = (times >= first) & (times <= last)
    lowest, highest = float(closes[shown].min()), float(closes[shown].max())
    spread = highest - lowest or 1.0
    heights = PRICE_HEIGHT * (1.0 - (closes - lowest) / spread)
    line = " ".join(
        f"{_x(int(time), first, last):.1f},{height:.1f}"
        for time, height in zip(times[shown], heights[shown], strict=True)
    )
    return _picture(
        request.folds, top=PRICE_HEIGHT + GAP, left_out=left_out, price=line, symbol=history.symbol
    )


def _picture(
    folds: Sequence[Fold],
    *,
    top: float,
    left_out: Sequence[Sequence[tuple[int, int]]] = (),
    price: str = "",
    symbol: str = "",
) -> Picture:
    first, last = _span(folds)
    rows = []
    for place, fold in enumerate(folds):
        bands = [
            _band(part, first_second(start), first_second(end), first, last)
            for part in PARTS
            for start, end in getattr(fold, part)
        ]
        bands += [
            _band("purged", *run, first, last) for run in (left_out[place] if left_out else ())
        ]
        y = top + place * (ROW_HEIGHT + GAP)
        rows.append(Row(number=fold.number, y=y, bands=tuple(bands)))
    return Picture(
        rows=tuple(rows),
        height=top + len(folds) * (ROW_HEIGHT + GAP),
        first=as_text(first),
        last=as_text(last),
        price=price,
        symbol=symbol,
    )


def _span(folds: Sequence[Fold]) -> tuple[int, int]:
    runs = [run for fold in folds for part in PARTS for run in getattr(fold, part)]
    return min(first_second(run[0]) for run in runs), max(first_second(run[1]) for run in runs)


def _band(part: str, start: int, end: int, first: int, last: int) -> Band:
    x = _x(start, first, last)
    return Band(part=part, x=round(x, 2), width=round(_x(end, first, last) - x, 2))


def _x(time: int, first: int, last: int) -> float:
    return WIDTH * (time - first) / (last - first)


def _left_out(
    request: FoldsRequest, fold: Fold, histories: Sequence[History]
) -> Iterator[tuple[int, int]]:
    """Runs of rows of the first symbol that a part leaves out."""
    strategy, history = request.strategy_of(fold), histories[0]
    parts = cut([own.periods for own in histories], strategy.training.data_split)
    chosen = latest_samples(strategy, histories, parts)
    for name in ("train", "validation"):
        rows = np.setdiff1d(parts[name].rows(history.periods), chosen[name][0])
        yield from _runs(history.periods, rows)


def _runs(periods: Int64Array, rows: Int64Array) -> Iterator[tuple[int, int]]:
    """Times from the first of consecutive rows to the one after the last."""
    for run in np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1):
        if run.size:
            yield int(periods[run[0]]), int(periods[min(run[-1] + 1, periods.size - 1)])
