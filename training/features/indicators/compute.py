"""Compute an indicator that a strategy declares, for one symbol and timeframe."""

from collections.abc import Iterator

import numpy as np

from training.features.arrays import BoolArray, Float64Array
from training.features.indicators.prices import Prices
from training.features.indicators.table import COMPUTATIONS, Computation
from training.strategy.indicators import Indicator


def compute_indicator(section: Indicator, prices: Prices) -> dict[str, Float64Array]:
    """Return the outputs that look at no future, by name (`""` for an only one), float64 [bars].

    A bar on which a price that the indicator reads is NaN is NaN in all outputs, and the indicator
    begins anew after it: no value is ever computed across a hole.
    """
    computation = COMPUTATIONS[section.type]
    parameters = section.model_dump(exclude={"type", "source"})
    source = getattr(section, "source", "")
    columns = [prices.column(source if name == "source" else name) for name in computation.columns]
    names = [name for name in section.outputs or ("",) if name not in section.look_ahead]
    outputs = _compute(computation, columns, parameters, num_outputs=len(names))
    return dict(zip(names, outputs, strict=True))


def _compute(
    computation: Computation,
    columns: list[Float64Array],
    parameters: dict[str, object],
    *,
    num_outputs: int,
) -> tuple[Float64Array, ...]:
    whole = np.isfinite(columns[0])
    for column in columns[1:]:
        whole &= np.isfinite(column)
    # A quotient of nothing, like a volume ratio without volume, is NaN or infinite: no warning.
    with np.errstate(divide="ignore", invalid="ignore"):
        if whole.all() and whole.size:
            return computation(tuple(columns), parameters)
        outputs = tuple(np.full(whole.size, np.nan) for _ in range(num_outputs))
        for run in _runs(whole):
            parts = computation(tuple(column[run] for column in columns), parameters)
            for output, part in zip(outputs, parts, strict=True):
                output[run] = part
        return outputs


def _runs(flags: BoolArray) -> Iterator[slice]:
    """Yield each stretch of rows whose flag is set."""
    edges = np.flatnonzero(np.diff(flags, prepend=False, append=False))
    for first, end in edges.reshape(-1, 2):
        yield slice(int(first), int(end))
