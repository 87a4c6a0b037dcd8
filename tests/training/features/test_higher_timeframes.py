"""A higher timeframe shows on a row only once its bar has closed, and is carried forward."""

from datetime import UTC, datetime

import numpy as np

from tests.training.features.datasets import daily, dataset_of, make_strategy, serve
from tests.training.features.price_series import random_bars
from tests.training.market_data.bars_in_time import bars_at
from training.features.alignment import newest_closed_bar
from training.features.assembly import build_dataset
from training.features.dataset import Dataset
from training.market_data.bars import COLUMNS, Bars
from training.market_data.timeframes import bar_ends, resample

DAY, WEEK = 86_400, 7 * 86_400
WEEKLY = {
    "indicators": {"now": {"type": "momentum", "period": 1}},
    "fuzzy_sets": {},
    "nn_inputs": [{"raw_indicator": "now"}],
}


def weekday(time: int) -> int:
    return datetime.fromtimestamp(int(time), UTC).weekday()


def test_a_bar_that_ends_with_the_row_is_visible_and_one_that_ends_later_is_not() -> None:
    rows, hours = (bars_at(range(0, 4 * 3600, step)) for step in (900, 3600))
    visible = newest_closed_bar(bar_ends(rows, "15m"), bar_ends(hours, "1h"))
    assert visible.tolist() == [-1] * 3 + [0] * 4 + [1] * 4 + [2] * 4 + [3]


def test_a_short_first_bar_of_a_session_has_ended_when_the_next_one_opens() -> None:
    half_past_nine, hour = 9 * 3600 + 1800, 3600
    rows = bars_at([half_past_nine, 10 * hour, 11 * hour])
    assert bar_ends(rows, "1h").tolist() == [10 * hour, 11 * hour, 12 * hour]
    higher = bars_at([8 * hour + 900])  # ends at 10:15
    visible = newest_closed_bar(bar_ends(rows, "1h"), bar_ends(higher, "2h"))
    assert visible.tolist() == [-1, 0, 0]


def test_a_week_shows_from_the_row_that_ends_with_it_until_the_next_one_has_ended() -> None:
    bars = daily(200)  # every calendar day, the first a Monday
    weekly = resample(bars, source="1d", target="1w")
    dataset = dataset_of(make_strategy(timeframes=("1d", "1w"), **WEEKLY), bars)
    column = dataset.features[:, dataset.feature_ids.index("1w_now_raw")]
    for time, value in zip(dataset.times, column, strict=True):
        newest = np.flatnonzero(weekly.times + WEEK <= time + DAY)[-1]
        assert value == np.float32(weekly.close[newest] - weekly.close[newest - 1])


def test_on_trading_days_a_week_shows_from_the_next_monday_on() -> None:
    bars = daily(200)
    is_trading = np.array([weekday(time) < 5 for time in bars.times])
    trading = Bars(**{name: getattr(bars, name)[is_trading] for name in COLUMNS})
    dataset = dataset_of(make_strategy(timeframes=("1d", "1w"), **WEEKLY), trading)
    column = dataset.features[:, 1]
    changes = np.flatnonzero(np.diff(column)) + 1
    assert changes.size > 10
    assert {weekday(time) for time in dataset.times[changes]} == {0}


def test_rows_begin_where_every_timeframe_has_settled() -> None:
    bars = daily(500)
    sections = {**WEEKLY, "indicators": {"now": {"type": "sma", "period": 12}}}
    dataset = dataset_of(make_strategy(timeframes=("1d", "1w"), **sections), bars)
    twelfth_week_ends = bars.times[0] + 12 * WEEK
    assert dataset.times[0] + DAY == twelfth_week_ends


def test_bars_of_a_week_that_has_not_ended_are_not_used() -> None:
    """They would change with the next bar, and with them the data fingerprint."""
    strategy = make_strategy(
        timeframes=("1d", "1w"), training_data={"end_date": "2006-05-10"}, **WEEKLY
    )
    bars = daily(700)
    early, late = (
        build_dataset(strategy, load_bars=serve({"AAA": known}))
        for known in (bars.rows(slice(0, 493)), bars)
    )
    assert early.times[-1] == bars.times[492] == late.times[-1]
    assert early.data_fingerprints == late.data_fingerprints
    assert early.digest() == late.digest()


def test_imported_weeks_that_end_after_the_last_row_are_not_used() -> None:
    """The last one may be unfinished: it changes with every import."""
    bars = daily(493)
    weekly = resample(daily(700), source="1d", target="1w").between(None, int(bars.times[-1]))
    assert weekly.times[-1] + WEEK > bars.times[-1] + DAY

    def dataset_with(weeks: Bars) -> Dataset:
        strategy = make_strategy(timeframes=("1d", "1w"), **WEEKLY)
        return build_dataset(
            strategy, load_bars=lambda _, timeframe, end=None: bars if timeframe == "1d" else weeks
        )

    finished = dataset_with(weekly.rows(slice(0, -1)))
    assert dataset_with(weekly).data_fingerprints == finished.data_fingerprints


def test_intraday_rows_see_hours_and_days() -> None:
    strategy = make_strategy(timeframes=("15m", "1h", "1d"), **WEEKLY)
    bars = random_bars(96 * 12, seconds=900)
    dataset = build_dataset(strategy, load_bars=serve({"AAA": bars}, source="15m"))
    assert dataset.feature_ids == ("15m_now_raw", "1h_now_raw", "1d_now_raw")
    days = resample(bars, source="15m", target="1d")
    row = int(np.searchsorted(dataset.times, days.times[5] + DAY - 900))
    assert dataset.features[row, 2] == np.float32(days.close[5] - days.close[4])
    assert dataset.features[row - 1, 2] == np.float32(days.close[4] - days.close[3])
