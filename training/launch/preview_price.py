"""The price that a strategy would be trained on, its parts and its labels. Computed in a preview's
process."""

from collections.abc import Iterator, Sequence

import numpy as np

from training.features.arrays import Int64Array
from training.features.history import History
from training.features.labels.outcome import Labels
from training.features.part_runs import part_runs
from training.features.targets import row_labels
from training.launch.preview import LabelledPrice
from training.market_data.looking.candles import draw_candles
from training.strategy import Strategy
from training.strategy.values import CLASSES

MOST_SYMBOLS = 4
"""That are drawn, the first ones."""
DIGITS = ".6g"


def labelled_prices(strategy: Strategy, histories: Sequence[History]) -> Iterator[LabelledPrice]:
    """Of the rows of each of the first symbols."""
    for number, history in enumerate(histories[:MOST_SYMBOLS]):
        rows = history.rows
        candles = draw_candles(rows, history.base, start=int(rows.times[0]))
        labels = row_labels(strategy, history)
        firsts = np.arange(0, len(rows), candles.bars_each)
        is_classes = strategy.output_format == "classification"
        counts = _counts(labels, firsts) if is_classes else ()
        yield LabelledPrice(
            symbol=history.symbol,
            timeframe=history.base,
            bars=len(rows),
            bars_each=candles.bars_each,
            times=candles.times,
            low=_short(candles.low),
            high=_short(candles.high),
            close=_short(candles.close),
            parts=tuple(part_runs(strategy, histories, number)),
            labels=counts,
        )


def _counts(labels: Labels, firsts: Int64Array) -> tuple[list[int], ...]:
    """By class, how many bars of each candle have it as their label."""
    return tuple(
        np.add.reduceat(((labels.values == number) & labels.defined).astype(int), firsts).tolist()
        for number in range(len(CLASSES))
    )


def _short(values: Sequence[float]) -> list[float]:
    return [float(format(value, DIGITS)) for value in values]
