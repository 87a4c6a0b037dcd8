"""Explicit runs of train, validation and test: nothing is trained on that a score looks at."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.training.features.purged_cases import (
    DAY,
    NO_LABEL,
    NUM_CASES,
    PARTS,
    Bounds,
    Case,
    Series,
    label_end,
    labelled_windows,
    random_case,
    rows_within,
)
from tests.training.features.purged_oracle import as_mask, stored
from training.features.arrays import Int64Array
from training.features.labels.outcome import Labels
from training.features.purging import Labelled, purged_samples
from training.features.splits import Part, Run

Span = tuple[int, int]
"""From the first second to the last, both included."""


def chosen(case: Case) -> dict[str, list[Int64Array]]:
    return purged_samples(
        [Labelled(times=own.times, labels=labels_of(own)) for own in case.symbols],
        {
            part: Part(tuple(Run(first=first, end=end) for first, end in case.runs[part]))
            for part in PARTS
        },
        purge_bars=case.purge_bars,
        embargo=case.embargo,
        sequence_length=case.sequence_length,
    )


def labels_of(series: Series) -> Labels:
    return Labels(values=np.zeros(series.times.size, np.int64), end_rows=series.end_rows)


def test_a_thousand_random_cases_are_split_as_purgedcv_splits_them() -> None:
    different = [
        seed
        for seed, mask in enumerate(stored())
        if not np.array_equal(as_mask(random_case(seed), chosen(random_case(seed))), mask)
    ]
    assert different == []


def test_no_label_of_one_part_meets_a_run_of_a_later_one_nor_what_that_runs_labels_reach() -> None:
    """And nothing else is dropped: every row left out does meet one, or the embargo after it."""
    dropped = 0
    for seed in range(NUM_CASES):
        case = random_case(seed)
        found = chosen(case)
        tested = list(scored_spans(case, "test"))
        validated = list(scored_spans(case, "validation"))
        for part, avoided in {"train": tested + validated, "validation": tested}.items():
            for series, rows in zip(case.symbols, found[part], strict=True):
                kept = set(rows.tolist())
                for row in labelled_windows(case, series, part):
                    assert (row in kept) == (not meets(span_of(case, series, row), avoided)), seed
                    dropped += row not in kept
    assert dropped > 10_000


def scored_spans(case: Case, part: str) -> Iterator[Span]:
    """From the first row of each run to the last bar of its embargo."""
    union = sorted({time for series in case.symbols for time in series.times.tolist()})
    for bounds in case.runs[part]:
        spans = [
            span_of(case, series, row)
            for series in case.symbols
            for row in rows_within(series, bounds)
        ]
        if spans:
            last = union.index(max(end for _, end in spans)) + case.embargo
            yield min(first for first, _ in spans), union[min(last, len(union) - 1)]


def span_of(case: Case, series: Series, row: int) -> Span:
    return int(series.times[row]), int(series.times[label_end(case, series, row)])


def meets(span: Span, spans: list[Span]) -> bool:
    return any(span[0] <= last and first <= span[1] for first, last in spans)


def test_windows_stay_within_their_run_save_for_those_of_test_rows() -> None:
    reach_back = 0
    for seed in range(NUM_CASES):
        case = random_case(seed)
        for part, of_symbols in chosen(case).items():
            for series, rows in zip(case.symbols, of_symbols, strict=True):
                begins = rows - case.sequence_length + 1
                assert (begins >= 0).all()
                assert (series.end_rows[rows] != NO_LABEL).all()
                same = [
                    run_of(case, part, int(series.times[first]))
                    == run_of(case, part, int(series.times[row]))
                    for first, row in zip(begins, rows, strict=True)
                ]
                assert all(run_of(case, part, int(series.times[row])) for row in rows)
                assert part == "test" or all(same), seed
                reach_back += same.count(False)
    assert reach_back > 500


def run_of(case: Case, part: str, time: int) -> Bounds | None:
    return next((own for own in case.runs[part] if own[0] <= time < own[1]), None)


def daily_case(
    spans: int | list[int],
    *,
    days: int = 40,
    embargo: int = 0,
    purge_bars: int | None = None,
    **runs: list[tuple[int, int]],
) -> Case:
    """One symbol, a bar a day: label spans in days, runs from day to day."""
    lengths = np.broadcast_to(np.array(spans, np.int64), days)
    ends = np.arange(days) + lengths
    ends[(lengths == 0) | (ends >= days)] = NO_LABEL
    given = {"validation": [(1000, 1001)], **runs}
    return Case(
        symbols=[Series(times=np.arange(days) * DAY, end_rows=ends)],
        runs={
            part: [(first * DAY, end * DAY) for first, end in own] for part, own in given.items()
        },
        purge_bars=purge_bars,
        embargo=embargo,
        sequence_length=1,
    )


def trained(case: Case) -> list[int]:
    return chosen(case)["train"][0].tolist()


BETWEEN = {"train": [(0, 10), (15, 40)], "test": [(10, 15)]}


def test_a_label_that_ends_inside_a_test_run_is_dropped() -> None:
    """Rows 7 to 9 begin before the run and end in it; rows 15 to 17 begin in what it reaches."""
    assert trained(daily_case(3, **BETWEEN)) == [*range(7), *range(18, 37)]


def test_a_label_that_envelops_a_whole_test_run_is_dropped() -> None:
    spans = [1] * 40
    spans[5] = 20
    case = daily_case(spans, **BETWEEN)
    assert trained(case) == [0, 1, 2, 3, 4, 6, 7, 8, *range(16, 39)]


def test_a_row_far_behind_a_run_is_dropped_where_one_label_of_the_run_reaches_it() -> None:
    spans = [1] * 40
    spans[10] = 12
    assert trained(daily_case(spans, **BETWEEN)) == [*range(9), *range(23, 39)]


def test_an_embargo_begins_where_the_latest_label_of_the_run_ends() -> None:
    """Not with the run's last row, where the purge would swallow it: row 17 is purged, 4 more."""
    case = daily_case(3, embargo=4, **BETWEEN)
    assert trained(case) == [*range(7), *range(22, 37)]


def test_an_embargo_is_of_the_bars_behind_a_run_and_not_of_those_before_it() -> None:
    case = daily_case(1, embargo=4, **BETWEEN)
    assert trained(case) == [*range(9), *range(20, 39)]


def test_what_lies_between_two_test_runs_is_trained_on() -> None:
    case = daily_case(2, train=[(0, 5), (10, 20), (25, 40)], test=[(5, 10), (20, 25)])
    assert trained(case) == [*range(3), *range(12, 18), *range(27, 38)]


def test_a_test_run_without_a_label_is_kept_apart_all_the_same() -> None:
    """Positions are decided on its rows, and filled at the open after each of them."""
    spans = [3] * 10 + [0] * 5 + [3] * 25
    assert trained(daily_case(spans, **BETWEEN)) == [*range(7), *range(16, 37)]


def test_purge_bars_reach_beyond_labels_that_end_early_on_both_sides() -> None:
    case = daily_case(1, purge_bars=5, **BETWEEN)
    assert trained(case) == [*range(5), *range(20, 39)]


def test_validation_gives_way_to_test_and_training_to_both() -> None:
    case = daily_case(3, train=[(0, 10), (30, 40)], validation=[(10, 20)], test=[(20, 30)])
    rows = chosen(case)
    assert rows["train"][0].tolist() == [*range(7), *range(33, 37)]
    assert rows["validation"][0].tolist() == [*range(10, 17)]
    assert rows["test"][0].tolist() == [*range(20, 30)]


def test_a_symbols_labels_keep_the_rows_of_all_symbols_apart() -> None:
    """BBB has no bar in the test run; AAA's labels there end on day 17."""
    alone = daily_case(3, **BETWEEN)
    other_days = np.array([*range(10), *range(15, 40)], np.int64) * DAY
    ends = np.arange(35) + 1
    ends[-1] = NO_LABEL
    other = Series(times=other_days, end_rows=ends)
    case = Case(
        symbols=[*alone.symbols, other],
        runs=alone.runs,
        purge_bars=None,
        embargo=0,
        sequence_length=1,
    )
    rows = other_days[chosen(case)["train"][1]] // DAY
    assert rows.tolist() == [*range(9), *range(18, 39)]


@pytest.mark.parametrize("embargo", [0, 100])
def test_an_embargo_beyond_the_last_bar_is_none(embargo: int) -> None:
    case = daily_case(1, embargo=embargo, train=[(0, 30)], test=[(30, 40)])
    assert trained(case) == [*range(29)]
