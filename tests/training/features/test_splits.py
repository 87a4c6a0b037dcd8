"""Parts are cut at common dates; a sample's label and window stay within its part."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.features.datasets import daily, dataset_of, make_strategy
from training.features.arrays import Int64Array
from training.features.dataset import Dataset
from training.features.errors import EmptyPart
from training.features.labels.labelling import label_bars
from training.features.labels.outcome import Labels
from training.features.splits import PARTS, Part, Run, cut, samples
from training.market_data.bars import Bars
from training.strategy.data_split import DateSplit, FractionSplit

DAY = 86_400


def days(*numbers: int) -> Int64Array:
    return np.array(numbers, np.int64) * DAY


def labels_ending_after(num_rows: int, horizon: int) -> Labels:
    rows = np.arange(num_rows)
    ends = np.where(rows + horizon < num_rows, rows + horizon, -1)
    return Labels(values=np.where(ends >= 0, 1, -1), end_rows=ends)


def parts_of(dataset: Dataset) -> dict[str, Int64Array]:
    return {name: getattr(dataset, name) for name in PARTS}


def rows_of(parts: dict[str, Part], num_rows: int) -> dict[str, tuple[int, int]]:
    """First and last row of each part, of consecutive ones."""
    rows = {name: part.rows(days(*range(num_rows))) for name, part in parts.items()}
    assert all((np.diff(own) == 1).all() for own in rows.values())
    return {name: (int(own[0]), int(own[-1])) for name, own in rows.items()}


def test_fractions_count_the_union_of_all_symbols_times() -> None:
    parts = cut([days(*range(80)), days(*range(20, 100))], FractionSplit())
    assert parts["train"] == Part((Run(first=0, end=70 * DAY),))
    assert parts["validation"] == Part((Run(first=70 * DAY, end=85 * DAY),))
    assert parts["test"].runs[0].first == 85 * DAY


def test_explicit_dates_are_the_first_rows_of_the_later_parts() -> None:
    split = DateSplit(validation_start="1970-01-11", test_start="1970-01-21")
    parts = cut([days(*range(30))], split)
    assert rows_of(parts, 30) == {"train": (0, 9), "validation": (10, 19), "test": (20, 29)}


def test_days_are_counted_once_whatever_clock_their_bars_have() -> None:
    """Of two symbols, one with bars from 23:00: embargo and cut are those of equal clocks."""
    split = {"validation_start": "2006-06-01", "test_start": "2006-09-01", "embargo": 5}
    strategy = make_strategy(symbols=("AAA", "BBB"), data_split=split)
    alike, other = daily(700), daily(700, seed=2)
    early = replace(other, times=other.times - 3600)
    expected = dataset_of(strategy, alike, other)
    found = dataset_of(strategy, alike, early)
    for name, rows in parts_of(expected).items():
        assert parts_of(found)[name].tolist() == rows.tolist()
    assert found.test_bars.tolist() == expected.test_bars.tolist()
    np.testing.assert_array_equal(found.features, expected.features)


def test_an_embargo_drops_bars_at_the_start_of_the_later_parts_only() -> None:
    parts = cut([days(*range(100))], FractionSplit(embargo=3))
    assert rows_of(parts, 100) == {"train": (0, 69), "validation": (73, 84), "test": (88, 99)}


def test_a_row_is_purged_if_its_label_ends_at_or_after_the_later_parts_first_row() -> None:
    run, times = Run(first=0, end=10 * DAY), days(*range(20))
    chosen = samples(times, labels_ending_after(20, 3), run, purge_bars=None, sequence_length=1)
    assert chosen.tolist() == [0, 1, 2, 3, 4, 5, 6]  # row 6 ends on row 9, row 7 on row 10


def test_labels_that_end_early_are_kept_however_late_their_row() -> None:
    labels = Labels(values=np.ones(20, np.int64), end_rows=np.arange(20))
    run, times = Run(first=0, end=10 * DAY), days(*range(20))
    chosen = samples(times, labels, run, purge_bars=None, sequence_length=1)
    assert chosen[-1] == 9


def test_purge_bars_drop_rows_whose_label_could_have_reached_the_later_part() -> None:
    labels = Labels(values=np.ones(20, np.int64), end_rows=np.arange(20))
    run, times = Run(first=0, end=10 * DAY), days(*range(20))
    chosen = samples(times, labels, run, purge_bars=4, sequence_length=1)
    assert chosen[-1] == 5


def test_a_gap_before_the_later_part_needs_no_purge() -> None:
    times = np.concatenate([days(*range(5)), days(*range(50, 60))])
    run = Run(first=0, end=10 * DAY)
    chosen = samples(times, labels_ending_after(15, 1), run, purge_bars=None, sequence_length=1)
    assert chosen.tolist() == [0, 1, 2, 3]


def test_windows_begin_within_their_part() -> None:
    run, times = Run(first=10 * DAY, end=20 * DAY), days(*range(30))
    chosen = samples(times, labels_ending_after(30, 1), run, purge_bars=None, sequence_length=4)
    assert chosen.tolist() == [13, 14, 15, 16, 17, 18]


@pytest.mark.parametrize(
    ("split", "part"),
    [
        ({"embargo": 200}, "validation"),
        ({"validation_start": "2004-01-01", "test_start": "2006-01-01"}, "train"),
        ({"validation_start": "2006-01-01", "test_start": "2050-01-01"}, "test"),
    ],
)
def test_an_empty_part_is_an_error_that_names_it(split: dict[str, Any], part: str) -> None:
    with pytest.raises(
        EmptyPart, match=f"The {part} part has no rows: .* rows from 2005-"
    ) as error:
        dataset_of(make_strategy(data_split=split), daily(700))
    assert error.value.status == 422
    assert "1 rows" not in str(error.value)


def test_a_window_longer_than_a_part_is_an_error() -> None:
    with pytest.raises(EmptyPart, match="200 rows up to it lie in it"):
        dataset_of(make_strategy(sequence_length=200), daily(700))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1_000),
    embargo=st.integers(0, 20),
    purge=st.sampled_from(["auto", 10, 25]),
    sequence_length=st.sampled_from([1, 2, 15]),
    skipped=st.integers(0, 150),
)
def test_no_sample_shares_a_bar_with_another_part(
    seed: int, embargo: int, purge: Any, sequence_length: int, skipped: int
) -> None:
    """Neither a label nor a window nor another symbol reaches across an edge."""
    strategy = make_strategy(
        symbols=("AAA", "BBB"),
        sequence_length=sequence_length,
        data_split={"embargo": embargo, "purge": purge},
    )
    bars = daily(900, seed=seed), daily(750, seed=seed + 1, skip_days=skipped)
    dataset = dataset_of(strategy, *bars)
    latest = -1
    for rows in parts_of(dataset).values():
        first_rows = rows - dataset.sequence_length + 1
        assert (first_rows >= 0).all()
        assert (dataset.symbols[first_rows] == dataset.symbols[rows]).all()
        assert dataset.times[first_rows].min() > latest
        latest = max(label_end_time(dataset, number, rows, bars[number]) for number in (0, 1))
        assert np.array_equal(rows, np.unique(rows))


def label_end_time(dataset: Dataset, symbol: int, rows: Int64Array, bars: Bars) -> int:
    """The last time that the labels of a symbol's samples look at."""
    ends = label_bars(make_strategy().training.labels, bars).end_rows
    times = dataset.times[rows[dataset.symbols[rows] == symbol]]
    return int(bars.times[ends[np.searchsorted(bars.times, times)]].max(initial=0))


def test_a_cut_is_where_the_written_fractions_say_not_where_their_floats_do() -> None:
    """In floats 0.55 is a little more than that, and of 30 rows 16.5 would become 17, not 16."""
    for num_rows in range(10, 2_000):
        parts = cut([days(*range(num_rows))], FractionSplit(train=0.55, validation=0.15, test=0.3))
        starts = [round(Fraction(percent, 100) * num_rows) for percent in (55, 70)]
        assert [parts["train"].end, parts["validation"].end] == [day * DAY for day in starts]
