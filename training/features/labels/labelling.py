"""Label one symbol's bars as a strategy says."""

import numpy as np

from training.features.arrays import BoolArray, Float64Array
from training.features.labels.cusum import cusum_events
from training.features.labels.forward_return import forward_return
from training.features.labels.outcome import Labels
from training.features.labels.triple_barrier import triple_barrier
from training.features.labels.volatility import atr_volatility, close_volatility
from training.features.labels.zigzag import zigzag
from training.market_data.bars import Bars
from training.strategy import labels as grammar


def label_bars(section: grammar.Labels, bars: Bars) -> Labels:
    """Return the label of each bar, as `training.labels` of the strategy defines them."""
    if isinstance(section, grammar.TripleBarrier):
        return _triple_barrier(section, bars)
    if isinstance(section, grammar.ZigzagLabels):
        return zigzag(bars.close, threshold=section.threshold, lookahead=section.lookahead)
    return forward_return(bars.close, horizon=section.horizon)


def _triple_barrier(section: grammar.TripleBarrier, bars: Bars) -> Labels:
    labels = triple_barrier(
        bars.high,
        bars.low,
        bars.close,
        _volatility(section, bars),
        pt_multiplier=section.pt_multiplier,
        sl_multiplier=section.sl_multiplier,
        max_holding_period=section.max_holding_period,
    )
    return labels if section.cusum_threshold is None else labels.only(label_events(section, bars))


def label_events(section: grammar.Labels, bars: Bars) -> BoolArray:
    """Return which bars the labels are sampled at: all, or the CUSUM filter's events.

    The filter is summed from the first of the bars on.
    """
    threshold = getattr(section, "cusum_threshold", None)
    if threshold is None:
        return np.ones(len(bars), np.bool_)
    return cusum_events(bars.close, threshold=threshold)


def _volatility(section: grammar.TripleBarrier, bars: Bars) -> Float64Array:
    if section.vol_method == "close":
        return close_volatility(bars.close, span=section.vol_span)
    return atr_volatility(bars.high, bars.low, bars.close, span=section.vol_span)
