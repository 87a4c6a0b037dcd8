"""Every symbol that a strategy names is trained on, or refused by its name."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.asking.work import seconds_of
from tests.training.features.datasets import daily, dataset_of, make_strategy, serve
from tests.training.features.price_series import flat_bars, joined, random_bars
from training.features.assembly import load_histories
from training.features.coverage import LEAST_TRAINING_ROWS, latest_samples, require_training_rows
from training.features.errors import EmptyPart, TooFewEvents, TooFewTrainingRows
from training.features.splits import PARTS, cut
from training.market_data.bars import Bars
from training.strategy import Strategy

BOTH = ("AAA", "BBB")
SETTLED = 85
DAY = 86_400


def two(**sections: Any) -> Strategy:
    return make_strategy(symbols=BOTH, **sections)


def row_counts(strategy: Strategy, *series: Bars) -> list[int]:
    bars = dict(zip(strategy.symbols, series, strict=True))
    histories = load_histories(strategy, load_bars=serve(bars))
    parts = cut([history.times for history in histories], strategy.training.data_split)
    return [rows.size for rows in latest_samples(strategy, histories, parts)["train"]]


def test_a_symbol_that_begins_after_the_training_part_is_refused_by_name() -> None:
    series = daily(900), daily(250, seed=2, skip_days=650)
    with pytest.raises(TooFewTrainingRows, match=r"BBB would not be .* BBB has 0") as error:
        dataset_of(two(), *series)
    assert (error.value.code, error.value.status) == ("symbol_not_trained", 422)


def test_thirty_rows_are_enough_and_twenty_nine_are_not() -> None:
    """Counted after settling, and with a horizon of 10 bars before the cut."""
    dates = {"validation_start": "2006-07-01", "test_start": "2006-12-01"}
    cut_day = 544  # 2006-07-01, counted from 2005-01-03
    long = daily(900)
    for rows, is_enough in ((29, False), (30, True)):
        num_bars = SETTLED - 1 + rows + 10
        late = daily(900 - cut_day + num_bars, seed=2, skip_days=cut_day - num_bars)
        strategy = two(data_split=dates)
        assert row_counts(strategy, long, late)[1] == rows
        if is_enough:
            assert dataset_of(strategy, long, late).symbol_samples["BBB"]["train"] >= 30
            continue
        with pytest.raises(TooFewTrainingRows, match="BBB has 29"):
            dataset_of(strategy, long, late)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1_000),
    embargo=st.integers(0, 20),
    purge=st.sampled_from(["auto", 10, 25]),
    sequence_length=st.sampled_from([1, 2, 15]),
    skipped=st.integers(0, 300),
)
def test_what_is_counted_from_bar_times_is_what_labels_leave_at_least(
    seed: int, embargo: int, purge: Any, sequence_length: int, skipped: int
) -> None:
    """And exactly that where no label can end early."""
    sections = {"data_split": {"embargo": embargo, "purge": purge}}
    series = daily(900, seed=seed), daily(900 - skipped, seed=seed + 1, skip_days=skipped)
    for labels, is_exact in (({"source": "forward_return", "horizon": 10}, True), (None, False)):
        chosen = {**sections, **({"labels": labels} if labels else {})}
        strategy = two(sequence_length=sequence_length, **chosen)
        dataset = dataset_of(strategy, *series)
        counted = row_counts(strategy, *series)
        trained = [dataset.symbol_samples[symbol]["train"] for symbol in BOTH]
        assert counted == trained if is_exact else np.less_equal(counted, trained).all()


def test_a_symbol_without_a_label_on_its_training_rows_has_too_few_events() -> None:
    quiet = joined(flat_bars(700), random_bars(200, seed=3, price=0.1))
    strategy = two(labels={"source": "triple_barrier", "cusum_threshold": 0.02})
    with pytest.raises(TooFewEvents, match=r"BBB would hardly be trained: .* BBB has 0") as error:
        dataset_of(strategy, daily(900), quiet)
    assert (error.value.code, error.value.status) == ("too_few_events", 422)


def test_a_threshold_that_hardly_ever_fires_has_too_few_events() -> None:
    labels = {"source": "triple_barrier", "cusum_threshold": 0.4}
    with pytest.raises(TooFewEvents, match=r"of the 30 labelled .*|AAA has \d"):
        dataset_of(make_strategy(labels=labels), daily(900))


def test_no_training_row_of_any_symbol_is_an_empty_part() -> None:
    with pytest.raises(EmptyPart, match="The train part has no rows"):
        dataset_of(two(data_split={"train": 0.001, "validation": 0.2, "test": 0.799}), *_pair())


def test_samples_are_told_of_each_symbol_and_part() -> None:
    dataset = dataset_of(two(), *_pair())
    for number, symbol in enumerate(BOTH):
        for part in PARTS:
            rows = getattr(dataset, part)
            counted = int((dataset.symbols[rows] == number).sum())
            assert dataset.symbol_samples[symbol][part] == counted > 0
    assert dataset.warnings == ()


def test_a_symbol_that_ends_before_the_later_parts_is_warned_of() -> None:
    dataset = dataset_of(two(), daily(900), daily(500, seed=2))
    assert dataset.symbol_samples["BBB"]["validation"] == 0
    (warning,) = dataset.warnings
    assert (warning.code, warning.subject) == ("unscored_symbol", "BBB")
    assert "BBB has no sample in the validation and the test part" in warning.message
    assert dataset.outside_range["BBB"]["1d_width_raw"] == {}


def test_a_million_bars_are_counted_without_a_label() -> None:
    """In some 20 ms; to label them takes seconds. The bound is far from both: machines differ."""
    bars = {symbol: random_bars(500_000, seconds=60, seed=n) for n, symbol in enumerate(BOTH)}
    strategy = two(timeframes=("1m",))
    histories = load_histories(strategy, load_bars=serve(bars, source="1m"))
    assert seconds_of(lambda: require_training_rows(strategy, histories)) < 0.5
    assert LEAST_TRAINING_ROWS == 30


def _pair() -> tuple[Bars, Bars]:
    return daily(900), daily(900, seed=2)
