"""A finer timeframe is an input like any other: its newest closed bar, on its own bars."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.features.datasets import make_strategy, serve
from tests.training.features.price_series import changed_after, random_bars
from tests.training.strategy.documents import text_of, varied
from training.features.alignment import newest_closed_bar, too_old
from training.features.assembly import build_dataset
from training.features.cache import FeatureCache, cache_key, prepare_dataset
from training.features.indicators.compute import compute_indicator
from training.features.indicators.prices import Prices
from training.market_data.bars import COLUMNS, Bars
from training.market_data.timeframes import resample
from training.strategy import Strategy, load_strategy

HOUR, FIVE = 3600, 300
BARS = random_bars(12 * 700, seconds=FIVE)
GAP = slice(12 * 500 + 3, 12 * 502 + 3)
"""Two hours without a bar: from a quarter past on."""
NOW = {
    "indicators": {"now": {"type": "momentum", "period": 1}},
    "fuzzy_sets": {},
    "nn_inputs": [{"raw_indicator": "now"}],
}


def strategy(**sections: Any) -> Strategy:
    snapshot = make_strategy(timeframes=("1h", "5m"), **{**NOW, **sections}).snapshot()
    return Strategy.from_snapshot(snapshot)


def served(fine: Bars, hours: Bars | None = None) -> Any:
    """5m bars of their own, and hours."""
    known = {"5m": fine, "1h": resample(BARS, source="5m", target="1h") if hours is None else hours}
    return lambda symbol, timeframe, end=None: known[timeframe].between(None, end)


def without(rows: slice) -> Bars:
    kept = np.ones(len(BARS), np.bool_)
    kept[rows] = False
    return Bars(**{name: getattr(BARS, name)[kept] for name in COLUMNS})


def test_the_base_may_be_any_and_must_be_named_if_it_is_not_the_finest() -> None:
    place = ("training_data", "timeframes")
    for base, expected in (("1w", "1w"), ("1d", "1d"), (None, "1d")):
        timeframes = {"mode": "multi_timeframe", "list": ["1w", "1d"], "base_timeframe": base}
        changed = varied({place: timeframes, ("nn_inputs", 1, "timeframes"): ["1d"]})
        loaded = load_strategy(text_of(changed), source="test").strategy
        assert loaded.base_timeframe == expected
        assert loaded.snapshot()["training_data"]["timeframes"]["base_timeframe"] == expected


def test_a_row_sees_the_newest_finer_bar_that_has_closed_by_its_end() -> None:
    dataset = build_dataset(strategy(), load_bars=serve({"AAA": BARS}, source="5m"))
    assert dataset.feature_ids == ("1h_now_raw", "5m_now_raw")
    last_of_hour = np.searchsorted(BARS.times, dataset.times + HOUR - FIVE)
    expected = BARS.close[last_of_hour] - BARS.close[last_of_hour - 1]
    assert np.array_equal(dataset.features[:, 1], expected.astype(np.float32))


def test_its_indicators_are_computed_on_its_own_bars() -> None:
    rsi = {"indicators": {"now": {"type": "rsi", "period": 5}}}
    dataset = build_dataset(strategy(**rsi), load_bars=served(BARS))
    values = compute_indicator(strategy(**rsi).indicators["now"], Prices(BARS))[""]
    last_of_hour = np.searchsorted(BARS.times, dataset.times + HOUR - FIVE)
    assert np.array_equal(dataset.features[:, 1], values[last_of_hour].astype(np.float32))


def test_rows_begin_when_the_finer_bars_have_settled_too() -> None:
    late = BARS.rows(slice(12 * 100, None))
    sections = {"indicators": {"now": {"type": "sma", "period": 30}}}
    dataset = build_dataset(strategy(**sections), load_bars=served(late))
    assert dataset.times[0] + HOUR == late.times[0] + 3 * HOUR  # 30 bars end within the third hour


def test_a_bar_older_than_the_base_drops_the_row_and_is_counted() -> None:
    dataset = build_dataset(strategy(), load_bars=served(without(GAP)))
    whole = build_dataset(strategy(), load_bars=served(BARS))
    dropped = np.searchsorted(dataset.times, BARS.times[GAP.start])  # the hour after
    assert np.flatnonzero(~dataset.events & whole.events).tolist() == [dropped]
    samples = np.concatenate([dataset.train, dataset.validation, dataset.test])
    assert not np.isin(dropped, samples).any()
    [warning] = [found for found in dataset.warnings if found.code == "dropped_rows"]
    assert warning.subject == "AAA/5m"
    assert "On 1 of" in warning.message
    assert len(dataset.times) == len(whole.times)  # prices go on: a position stands


def test_no_window_reaches_over_a_dropped_row() -> None:
    windowed = make_strategy(timeframes=("1h", "5m"), sequence_length=4, **NOW)
    dataset = build_dataset(windowed, load_bars=served(without(GAP)))
    whole = build_dataset(windowed, load_bars=served(BARS))
    row = int(np.searchsorted(dataset.times, BARS.times[GAP.start]))
    assert np.flatnonzero(~dataset.events & whole.events).tolist() == [*range(row, row + 4)]


def test_a_dropped_row_is_not_what_a_scaling_is_fitted_to() -> None:
    scaled = {"nn_inputs": [{"raw_indicator": "now", "normalization": "minmax"}]}
    spiked = without(slice(12 * 200 + 3, 12 * 202 + 3))
    close = spiked.close.copy()
    close[12 * 200 + 2] *= 2  # the last bar before the gap, which the dropped row would carry on
    high = np.maximum(spiked.high, close)
    columns = {name: getattr(spiked, name) for name in COLUMNS} | {"close": close, "high": high}
    dataset = build_dataset(strategy(**scaled), load_bars=served(Bars(**columns)))
    seen = dataset.fitted_ranges["AAA"]["5m_now_raw"]
    rows = np.searchsorted(dataset.times, BARS.times[12 * 200])
    assert seen[1] > 10  # the row before sees it, too
    assert not dataset.events[rows + 1]


def test_one_that_is_exactly_a_base_period_old_still_counts() -> None:
    ends = np.array([HOUR])
    rows = np.array([HOUR, 2 * HOUR, 2 * HOUR + 1])
    newest = newest_closed_bar(rows, ends)
    assert too_old(rows, ends, newest, "1h").tolist() == [False, False, True]
    assert too_old(rows, ends[:0], newest_closed_bar(rows, ends[:0]), "1h").all()


@pytest.mark.parametrize("row", [350, 401, 555])
def test_later_bars_of_neither_change_a_row(row: int) -> None:
    other = changed_after(BARS, 12 * row + 11)  # the last five minutes of an hour
    hours = (resample(bars, source="5m", target="1h") for bars in (BARS, other))
    ours, theirs = (
        build_dataset(strategy(), load_bars=served(fine, own))
        for fine, own in zip((BARS, other), hours, strict=True)
    )
    known = ours.times <= BARS.times[12 * row]
    assert known.sum() > 50
    assert np.array_equal(ours.features[known], theirs.features[known])
    assert not np.array_equal(ours.features, theirs.features)


def test_bars_that_arrive_later_change_nothing() -> None:
    """The end is the open of the last hour: five minutes of it open later and are used."""
    ended = strategy()
    end = int(BARS.times[12 * 650])
    data = {**ended.snapshot()["training_data"], "end_date": iso(end)}
    ended = Strategy.from_snapshot({**ended.snapshot(), "training_data": data})
    known = BARS.rows(slice(0, 12 * 651))
    early, late = (build_dataset(ended, load_bars=served(fine)) for fine in (known, BARS))
    assert early.times[-1] == late.times[-1] == end
    assert early.data_fingerprints == late.data_fingerprints
    assert early.digest() == late.digest()
    assert early.data_ranges["AAA/5m"]["last"] == end + HOUR - FIVE


def test_the_cache_knows_finer_bars(tmp_path: Path) -> None:
    first = prepare_dataset(strategy(), directory=tmp_path, load_bars=served(BARS))
    again = prepare_dataset(strategy(), directory=tmp_path, load_bars=served(BARS))
    other = prepare_dataset(strategy(), directory=tmp_path, load_bars=served(without(GAP)))
    assert first.digest() == again.digest() != other.digest()
    assert len([*tmp_path.iterdir()]) == 2
    key = cache_key(strategy(), other.data_fingerprints)
    kept = FeatureCache(tmp_path, max_bytes=1 << 30).load(key)
    assert kept is not None and kept.warnings == other.warnings


def test_a_finer_timeframe_that_no_input_uses_drops_nothing() -> None:
    unused = strategy(nn_inputs=[{"raw_indicator": "now", "timeframes": ["1h"]}])
    dataset = build_dataset(unused, load_bars=served(without(GAP)))
    assert dataset.events.all()
    assert not [warning for warning in dataset.warnings if warning.code == "dropped_rows"]


def iso(seconds: int) -> str:
    return str(np.datetime64(seconds, "s")) + "Z"
