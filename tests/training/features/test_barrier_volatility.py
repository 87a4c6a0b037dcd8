"""The barriers' unit: an exponentially weighted range or deviation, over what there is."""

import math

import numpy as np
import pytest

from tests.training.features.price_series import flat_bars, random_bars
from training.features.labels.volatility import atr_volatility, close_volatility, log_returns

SPAN = 10
KEEP = 1 - 2 / (SPAN + 1)
BARS = random_bars(200)


def weights(count: int) -> list[float]:
    return [KEEP ** (count - 1 - k) for k in range(count)]


def test_range_volatility_is_the_weighted_mean_true_range_over_the_close() -> None:
    volatility = atr_volatility(BARS.high, BARS.low, BARS.close, span=SPAN)
    assert math.isnan(volatility[0])
    ranges = [
        max(BARS.high[t], BARS.close[t - 1]) - min(BARS.low[t], BARS.close[t - 1])
        for t in range(1, 200)
    ]
    for t in (1, 2, 3, 50, 199):
        mean = np.average(ranges[:t], weights=weights(t))
        assert volatility[t] == pytest.approx(mean / BARS.close[t], rel=1e-12)


def test_close_volatility_is_the_unbiased_weighted_deviation_of_log_returns() -> None:
    volatility = close_volatility(BARS.close, span=SPAN)
    assert np.isnan(volatility[:2]).all()
    returns = [math.log(BARS.close[t] / BARS.close[t - 1]) for t in range(1, 200)]
    for t in (2, 3, 50, 199):
        w = np.array(weights(t))
        mean = np.average(returns[:t], weights=w)
        biased = np.average((np.array(returns[:t]) - mean) ** 2, weights=w)
        unbiased = biased * w.sum() ** 2 / (w.sum() ** 2 - (w**2).sum())
        assert volatility[t] == pytest.approx(math.sqrt(unbiased), rel=1e-12)


def test_flat_prices_have_no_volatility() -> None:
    flat = flat_bars(50)
    assert (atr_volatility(flat.high, flat.low, flat.close, span=SPAN)[1:] == 0.0).all()
    assert (close_volatility(flat.close, span=SPAN)[2:] == 0.0).all()


def test_a_price_of_zero_has_no_volatility_and_spoils_no_later_row() -> None:
    close = BARS.close.copy()
    close[100] = 0.0
    assert np.isnan(log_returns(close)[[0, 100, 101]]).all()
    by_close = close_volatility(close, span=SPAN)
    assert np.isnan(by_close[[100, 101]]).all()
    assert np.isfinite(by_close[102:]).all()
    by_range = atr_volatility(BARS.high, BARS.low, close, span=SPAN)
    assert np.isnan(by_range[100])
    assert np.isfinite(by_range[101:]).all()
