"""A dataset holds what its strategy says, row by row."""

from typing import Any

import numpy as np
import pytest

from tests.training.features.datasets import (
    FUZZY_SETS,
    INDICATORS,
    INPUTS,
    daily,
    dataset_of,
    make_strategy,
    serve,
)
from training.features.assembly import build_dataset
from training.features.errors import IndicatorNotFinite, MissingClass, TooFewBars
from training.features.indicators.compute import compute_indicator
from training.features.indicators.prices import Prices
from training.features.labels.labelling import label_bars
from training.features.labels.uniqueness import average_uniqueness
from training.features.splits import PARTS
from training.market_data.timeframes import resample
from training.strategy.labels import TripleBarrier

BARS = daily(700)
SETTLED = max(17 * 5, 8 * (6 + 3), 10)  # bars: of the RSI, the MACD and the width
ORDERED = {
    "indicators": INDICATORS,
    "fuzzy_sets": {
        "b_set": {
            "indicator": "macd.signal",
            "memberships": [
                {"name": "up", "type": "triangular", "parameters": [0.0, 1.0, 9.0]},
                {"name": "down", "type": "gaussian", "parameters": [-1.0, 1.0]},
            ],
        },
        "a_set": FUZZY_SETS["momentum"],
    },
    "nn_inputs": [
        {"fuzzy_set": "b_set", "timeframes": ["1w", "1d"]},
        {"raw_indicator": "width", "timeframes": ["1d"]},
        {"fuzzy_set": "a_set", "timeframes": "all"},
    ],
}


def test_columns_are_the_inputs_by_timeframe_and_membership() -> None:
    strategy = make_strategy(timeframes=("1d", "1w"), **ORDERED)
    dataset = dataset_of(strategy, daily(1200))
    assert dataset.feature_ids == strategy.feature_ids()
    assert dataset.feature_ids == (
        *("1w_b_set_up", "1w_b_set_down", "1d_b_set_up", "1d_b_set_down"),
        "1d_width_raw",
        *("1d_a_set_low", "1d_a_set_high", "1w_a_set_low", "1w_a_set_high"),
    )


def test_each_column_is_its_membership_or_its_scaled_value() -> None:
    strategy = make_strategy()
    dataset = dataset_of(strategy, BARS)
    first = int(np.searchsorted(BARS.times, dataset.times[0]))
    rsi, macd, width = (
        compute_indicator(strategy.indicators[name], Prices(BARS))
        for name in ("rsi_5", "macd", "width")
    )
    low = np.clip((60.0 - rsi[""]) / 60.0, 0.0, 1.0)
    high = np.exp(-(((rsi[""] - 100.0) / 40.0) ** 2) / 2)
    scaled = {
        name: (values - dataset.normalization["AAA"][name]["offset"])
        / dataset.normalization["AAA"][name]["scale"]
        for name, values in (
            ("1d_macd.histogram_raw", macd["histogram"]),
            ("1d_width_raw", width[""]),
        )
    }
    expected = np.column_stack([low, high, *scaled.values()])[first:]
    assert dataset.features == pytest.approx(expected.astype(np.float32), rel=1e-6, abs=1e-7)


def test_rows_begin_once_every_indicator_has_settled_and_run_to_the_last_bar() -> None:
    dataset = dataset_of(make_strategy(), BARS)
    assert np.array_equal(dataset.times, BARS.times[SETTLED - 1 :])
    assert np.isfinite(dataset.features).all()


def test_an_indicator_that_no_input_reads_costs_no_rows() -> None:
    indicators = {**INDICATORS, "slow": {"type": "adx", "period": 14}}
    strategy = make_strategy(indicators=indicators)
    assert dataset_of(strategy, BARS).times[0] == dataset_of(make_strategy(), BARS).times[0]


def test_features_are_one_contiguous_float32_array() -> None:
    features = dataset_of(make_strategy(), BARS).features
    assert features.dtype == np.float32
    assert features.flags.c_contiguous
    assert features.base is None


def test_symbols_follow_each_other_each_in_time_order_with_its_own_labels_and_prices() -> None:
    strategy = make_strategy(symbols=("AAA", "BBB"))
    series = daily(700), daily(600, seed=2, skip_days=50)
    dataset = dataset_of(strategy, *series)
    assert dataset.symbol_names == ("AAA", "BBB")
    assert (np.diff(dataset.symbols) >= 0).all()
    for number, bars in enumerate(series):
        rows = dataset.symbols == number
        labels = label_bars(strategy.training.labels, bars).values
        assert np.array_equal(dataset.times[rows], bars.times[SETTLED - 1 :])
        assert np.array_equal(dataset.labels[rows], labels[SETTLED - 1 :])
        assert np.array_equal(dataset.open[rows], bars.open[SETTLED - 1 :])
        assert np.array_equal(dataset.close[rows], bars.close[SETTLED - 1 :])


def test_start_date_is_the_first_row_and_takes_its_warm_up_from_before() -> None:
    dates = {"start_date": "2005-08-01", "end_date": "2006-09-30"}
    dataset = dataset_of(make_strategy(training_data=dates), BARS)
    assert dataset.times[0] == np.datetime64("2005-08-01").astype("datetime64[s]").astype(int)
    assert dataset.times[-1] == np.datetime64("2006-09-30").astype("datetime64[s]").astype(int)


def test_a_start_date_without_history_moves_to_where_the_indicators_have_settled() -> None:
    short = {"start_date": "2005-08-01", "history_required": 10}
    whole = {"start_date": "2005-08-01"}
    later = dataset_of(make_strategy(training_data=short), BARS).times[0]
    assert (
        later
        == dataset_of(make_strategy(training_data=whole), BARS).times[0] + (SETTLED - 11) * 86_400
    )


def test_bars_after_the_end_date_change_nothing() -> None:
    strategy = make_strategy(training_data={"end_date": "2006-09-30"})
    ours = build_dataset(strategy, load_bars=serve({"AAA": BARS.rows(slice(0, 640))}))
    assert ours.digest() == dataset_of(strategy, BARS).digest()


def test_the_fingerprint_covers_the_bars_used_by_symbol_and_timeframe() -> None:
    strategy = make_strategy(timeframes=("1d", "1w"))
    dataset = dataset_of(strategy, daily(1200))
    assert set(dataset.data_fingerprints) == {"AAA/1d", "AAA/1w"}
    assert dataset.data_fingerprints["AAA/1d"] == daily(1200).fingerprint()


def test_a_row_without_a_label_is_no_sample() -> None:
    dataset = dataset_of(make_strategy(), BARS)
    assert (dataset.labels[-10:] == -1).all()
    samples = np.concatenate([getattr(dataset, part) for part in PARTS])
    assert (dataset.labels[samples] >= 0).all()


def test_cusum_events_are_the_only_samples() -> None:
    labels = {"source": "triple_barrier", "cusum_threshold": 0.02}
    dataset = dataset_of(make_strategy(labels=labels), BARS)
    events = np.flatnonzero(label_bars(labels_section(labels), BARS).defined) - SETTLED + 1
    samples = np.concatenate([getattr(dataset, part) for part in PARTS])
    assert 50 < samples.size < 500
    assert set(samples) <= set(events)
    assert len(dataset.features) == 701 - SETTLED  # windows reach back over all rows


def labels_section(labels: dict[str, Any]) -> TripleBarrier:
    return TripleBarrier.model_validate(labels)


def test_weights_are_the_uniqueness_among_the_training_samples_of_each_symbol() -> None:
    labels = {"source": "triple_barrier", "compute_weights": True}
    strategy = make_strategy(symbols=("AAA", "BBB"), labels=labels)
    series = BARS, daily(700, seed=2)
    dataset = dataset_of(strategy, *series)
    assert dataset.weights is not None
    assert dataset.weights.dtype == np.float32
    for number, bars in enumerate(series):
        rows = dataset.train[dataset.symbols[dataset.train] == number]
        bar_rows = np.searchsorted(bars.times, dataset.times[rows])
        ends = label_bars(labels_section(labels), bars).end_rows[bar_rows]
        expected = average_uniqueness(bar_rows, ends).astype(np.float32)
        assert np.array_equal(dataset.weights[rows], expected)
    others = np.setdiff1d(np.arange(len(dataset.features)), dataset.train)
    assert (dataset.weights[others] == 0.0).all()


def test_weights_are_absent_unless_asked_for() -> None:
    assert dataset_of(make_strategy(), BARS).weights is None


def test_a_regression_has_float_labels_and_no_classes() -> None:
    strategy = make_strategy(labels={"source": "forward_return", "horizon": 5})
    dataset = dataset_of(strategy, BARS)
    assert dataset.labels.dtype == np.float32
    assert dataset.class_names == ()
    expected = BARS.close[SETTLED + 4 :] / BARS.close[SETTLED - 1 : -5] - 1.0
    assert np.array_equal(dataset.labels[:-5], expected.astype(np.float32))
    assert np.isnan(dataset.labels[-5:]).all()
    assert dataset.label_balance["train"] == {"samples": dataset.train.size}


def test_label_balance_counts_the_samples_of_each_class_in_each_part() -> None:
    dataset = dataset_of(make_strategy(), BARS)
    assert dataset.class_names == ("buy", "hold", "sell")
    for part in PARTS:
        counted = np.bincount(dataset.labels[getattr(dataset, part)], minlength=3)
        assert list(dataset.label_balance[part].values()) == counted.tolist()


def test_progress_names_every_symbol() -> None:
    told: list[str] = []
    strategy = make_strategy(symbols=("AAA", "BBB"))
    build_dataset(
        strategy, load_bars=serve({"AAA": BARS, "BBB": daily(700, seed=2)}), progress=told.append
    )
    for symbol in ("AAA", "BBB"):
        assert sum(symbol in message for message in told) == 2


@pytest.mark.parametrize("num_bars", [0, 1, SETTLED - 1])
def test_too_few_bars_say_how_many_there_are_and_how_many_it_takes(num_bars: int) -> None:
    with pytest.raises(TooFewBars, match=rf"AAA has {num_bars} bars of 1d .* takes 85") as error:
        dataset_of(make_strategy(), BARS.rows(slice(0, num_bars)))
    assert error.value.status == 422


def test_too_few_weeks_name_the_week_not_the_day() -> None:
    with pytest.raises(TooFewBars, match=r"AAA has 84 bars of 1w .* takes 85"):
        dataset_of(make_strategy(timeframes=("1d", "1w")), daily(7 * SETTLED - 1))


def test_no_value_after_the_settle_length_names_the_indicator_and_the_bar() -> None:
    indicators = {**INDICATORS, "volumes": {"type": "volume_ratio", "period": 5}}
    bars = daily(700)
    bars.volume[400:406] = 0.0
    strategy = make_strategy(
        indicators=indicators, nn_inputs=[*INPUTS, {"raw_indicator": "volumes"}]
    )
    with pytest.raises(
        IndicatorNotFinite, match=r"volumes .* 2006-02-11 00:00 UTC .AAA, 1d."
    ) as error:
        dataset_of(strategy, bars)
    assert error.value.status == 422


def test_no_value_during_the_warm_up_is_no_error() -> None:
    indicators = {**INDICATORS, "volumes": {"type": "volume_ratio", "period": 5}}
    bars = daily(700)
    bars.volume[10:75] = 0.0
    strategy = make_strategy(
        indicators=indicators, nn_inputs=[*INPUTS, {"raw_indicator": "volumes"}]
    )
    assert np.isfinite(dataset_of(strategy, bars).features).all()


def test_a_class_that_the_training_part_lacks_is_an_error_with_the_balance() -> None:
    labels = {"source": "zigzag", "threshold": 0.5, "lookahead": 5}
    with pytest.raises(MissingClass, match="no row of class buy and sell: buy 0, hold 4") as error:
        dataset_of(make_strategy(labels=labels), BARS)
    assert error.value.status == 422


def test_it_says_from_when_to_when_the_bars_are_that_it_used() -> None:
    bars = daily(1500)
    dataset = dataset_of(make_strategy(timeframes=("1d", "1w")), bars)
    assert dataset.data_ranges["AAA/1d"] == {
        "first": bars.times[0],
        "last": bars.times[-1],
        "rows": 1500,
    }
    weeks = resample(bars, source="1d", target="1w")
    assert dataset.data_ranges["AAA/1w"]["rows"] == len(weeks)
    assert dataset.data_ranges.keys() == dataset.data_fingerprints.keys()
