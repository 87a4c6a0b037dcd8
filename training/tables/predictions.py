"""What a model decides on each bar, as a table."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from training.strategy.values import CLASSES
from training.tables.writing import moments
from training.trained.prediction import Forecast

PROBABILITY = "probability_"


def predictions(found: Forecast) -> pl.DataFrame:
    """By bar, as `Forecast.rows` has them; each probability has a column of its own."""
    return pl.DataFrame(
        [
            moments(found.times),
            _repeated("symbol", found.symbol, found.times.size),
            pl.Series("decision", [CLASSES[it] for it in found.decisions], dtype=pl.String),
            pl.Series("position", found.positions.astype(np.int64)),
            pl.Series("is_event", found.is_event),
            pl.Series("is_fitted", found.is_fitted),
            *_outputs(found),
        ]
    )


def _outputs(found: Forecast) -> Sequence[pl.Series]:
    if not found.class_names:
        return [pl.Series("predicted_return", found.outputs)]
    return [
        pl.Series(f"{PROBABILITY}{name}", found.outputs[:, number])
        for number, name in enumerate(found.class_names)
    ]


def _repeated(name: str, text: str, count: int) -> pl.Series:
    return pl.Series(name, [text] * count, dtype=pl.String)
