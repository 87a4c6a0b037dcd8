"""A history that its vendor has adjusted again is told from one that is wrong."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.training.features.price_series import random_bars
from tests.training.jobs.scenes import write_csv
from training.market_data.adjusted import PRICES, adjustment, adjustment_told
from training.market_data.bars import Bars
from training.market_data.errors import MarketDataDiffers
from training.market_data.importing import import_market_data
from training.market_data.joining import join

BARS = random_bars(400, price=40)
"""Days from 2005-01-03 on."""


def adjusted(bars: Bars, ratios: Mapping[int, float]) -> Bars:
    """Prices of the bars up to each row times its ratio."""
    factor = np.ones(len(bars))
    for last, ratio in ratios.items():
        factor[:last] *= ratio
    return replace(bars, **{name: getattr(bars, name) * factor for name in PRICES})


def rounded(bars: Bars, decimals: int) -> Bars:
    return replace(bars, **{name: getattr(bars, name).round(decimals) for name in PRICES})


def in_32_bits(bars: Bars) -> Bars:
    return replace(
        bars, **{name: getattr(bars, name).astype(np.float32).astype(float) for name in PRICES}
    )


@pytest.mark.parametrize("keep", [lambda bars: bars, lambda bars: rounded(bars, 2), in_32_bits])
@pytest.mark.parametrize("ratio", [0.25, 1 / 3, 10])
def test_a_split_is_found_whatever_prices_are_rounded_to(keep: object, ratio: float) -> None:
    assert callable(keep)
    found = adjustment(keep(BARS), keep(adjusted(BARS, {200: ratio})))
    assert found is not None
    before, after = found
    assert (before.ratio, after.ratio) == (pytest.approx(ratio, rel=1e-3), 1)
    assert (before.last, after.first) == (BARS.times[199], BARS.times[200])


def test_dividends_are_found_after_each_other() -> None:
    told = adjustment_told(BARS, adjusted(BARS, {100: 0.995, 300: 0.99}))
    assert told == (
        "its history was adjusted again, as after a split or dividend: open, high, low and close "
        "are the stored ones times 2 ratios (0.98505 to 0.99) from 2005-01-03 to 2005-10-29"
    )


def _one_close(bars: Bars) -> Bars:
    close = bars.close.copy()
    close[100] *= 1.01
    return replace(bars, close=close)


def _one_bar(bars: Bars) -> Bars:
    return adjusted(adjusted(bars, {101: 10}), {100: 0.1})


def _volumes(bars: Bars) -> Bars:
    return replace(bars, volume=bars.volume * 4)


def _closes(bars: Bars) -> Bars:
    return replace(adjusted(bars, {200: 0.9}), open=bars.open)


@pytest.mark.parametrize("change", [_one_close, _one_bar, _volumes, _closes])
def test_what_is_no_adjustment_is_none(change: object) -> None:
    assert callable(change)
    assert adjustment(BARS, change(BARS)) is None


def test_prices_of_something_else_are_none() -> None:
    assert adjustment(BARS, random_bars(400, price=40, seed=2)) is None
    pennies = rounded(random_bars(400, price=0.05), 2)
    assert adjustment(pennies, rounded(random_bars(400, price=0.05, seed=2), 2)) is None


def test_the_stored_last_bar_may_have_been_running() -> None:
    last = replace(BARS, close=np.append(BARS.close[:-1], 77.7))
    assert adjustment(last, adjusted(BARS, {300: 0.5})) is not None


def test_a_file_beside_a_stored_history_tells_it() -> None:
    newer = adjusted(BARS, {300: 0.5}).rows(slice(250, None))
    apart = join(BARS.rows(slice(0, 350)), newer, timeframe="1d").apart
    assert apart is not None
    assert "times 0.5 from 2005-09-10 to 2005-10-29" in apart


@pytest.mark.django_db
def test_a_refused_import_says_so_and_what_a_part_would_leave_out(tmp_path: Path) -> None:
    def take(bars: Bars, *, replaces: bool = False) -> None:
        path = write_csv(tmp_path / "prices.csv", bars)
        import_market_data(path, symbol="ACME", timeframe="1d", replace=replaces)

    take(BARS.rows(slice(0, 350)))
    whole = adjusted(BARS, {300: 0.5})
    with pytest.raises(MarketDataDiffers) as refused:
        take(whole.rows(slice(250, None)))
    said = str(refused.value)
    assert "adjusted again, as after a split or dividend: open, high, low and close are" in said
    assert "With --replace 250 stored bars that the file has not would be gone" in said
    with pytest.raises(MarketDataDiffers) as refused:
        take(whole)
    assert "the stored ones times 0.5 from 2005-01-03 to 2005-10-29. --replace" in str(
        refused.value
    )
    take(whole, replaces=True)
