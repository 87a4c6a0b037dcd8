"""Windows by the calendar: which fit, what later bars change of them, and what is refused."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.features.arrays import Int64Array
from training.folds.duration import Duration
from training.folds.walk_forward import MOST_FOLDS, WalkForward, faults, windows
from training.strategy.values import first_second

DAY = 86_400


def days(since: str, count: int) -> Int64Array:
    return first_second(since) + np.arange(count) * DAY


def of(times: Int64Array, **spec: Any) -> list[Any]:
    return windows(WalkForward(**spec), times, "1d")


def test_each_window_is_tested_on_what_follows_it() -> None:
    found = of(days("2000-01-03", 2000), train="2y", test="1y", validation="6mo")
    assert [(fold.number, fold.train, fold.validation, fold.test) for fold in found] == [
        (
            number,
            ((f"{2000 + moved}-01-01", f"{2001 + moved}-07-01"),),
            ((f"{2001 + moved}-07-01", f"{2002 + moved}-01-01"),),
            ((f"{2002 + moved}-01-01", f"{2003 + moved}-01-01"),),
        )
        for number, moved in ((1, 0), (2, 1), (3, 2))
    ]


def test_a_window_of_days_begins_with_the_first_bars_day() -> None:
    (fold, *_) = of(days("2000-01-03", 300), train="100d", test="100d")
    assert fold.train[0][0] == "2000-01-03"


def test_the_last_fifth_of_a_windows_bars_validates() -> None:
    times = days("2000-01-01", 200)
    (fold,) = of(times, train="100d", test="100d")
    assert fold.validation == (("2000-03-21", "2000-04-10"),)
    start, end = (first_second(moment) for moment in fold.validation[0])
    assert ((times >= start) & (times < end)).sum() == 20


def test_an_anchored_window_is_trained_from_the_first_bar_on() -> None:
    found = of(days("2000-01-03", 2000), train="2y", test="1y", anchored=True)
    assert {fold.train[0][0] for fold in found} == {"2000-01-01"}
    assert [fold.test[0][0] for fold in found] == ["2002-01-01", "2003-01-01", "2004-01-01"]


def test_a_longer_step_leaves_out_bars_where_that_is_wanted() -> None:
    found = of(days("2000-01-03", 2000), train="1y", test="6mo", step="1y", gaps=True)
    assert [fold.test for fold in found] == [
        ((f"{year}-01-01", f"{year}-07-01"),) for year in (2001, 2002, 2003, 2004)
    ]


@settings(max_examples=50, deadline=None)
@given(
    count=st.integers(700, 3000),
    more=st.integers(1, 500),
    train=st.sampled_from(["1y", "13mo", "40w", "200d"]),
    test=st.sampled_from(["6mo", "20w", "31d"]),
    anchored=st.booleans(),
)
def test_later_bars_change_no_window(
    count: int, more: int, train: str, test: str, anchored: bool
) -> None:
    few, many = days("1999-01-31", count), days("1999-01-31", count + more)
    earlier = of(few, train=train, test=test, anchored=anchored)
    later = of(many, train=train, test=test, anchored=anchored)
    assert [fold.test for fold in later[: len(earlier)]] == [fold.test for fold in earlier]
    assert later[: len(earlier) - 1] == earlier[:-1], "the last one's bars may end with the data"
    tests = [run for fold in later for run in fold.test]
    assert [run[1] for run in tests[:-1]] == [run[0] for run in tests[1:]], "no bar left out"
    for fold in later:
        assert fold.train[0][1] == fold.validation[0][0]
        assert fold.validation[0][1] == fold.test[0][0]


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"train": "5", "test": "1h"}, ["train must be a number", "test must be a number"]),
        ({"train": "9999y", "test": "1y"}, ["train is longer than two centuries"]),
        ({"train": "5y", "test": "1y", "step": "6mo"}, ["step 6mo is less than a test of 1y"]),
        ({"train": "5y", "test": "1y", "step": "2y"}, ["which gaps allows"]),
        ({"train": "1y", "test": "1y", "validation": "12mo"}, ["leaves nothing of 1y"]),
    ],
)
def test_lengths_that_make_no_sense_are_told_at_once(spec: dict[str, str], told: list[str]) -> None:
    found = [f"{name} {words}" for name, words in faults(WalkForward(**spec))]
    assert len(found) == len(told)
    assert all(words in fault for words, fault in zip(told, found, strict=True))


def test_what_does_not_fit_is_refused_by_date() -> None:
    with pytest.raises(ValueError, match=r"longer than the bars, .* from 2000-01-01 to 2000-04-10"):
        of(days("2000-01-01", 100), train="1y", test="1y")
    with pytest.raises(ValueError, match="is less than a test of 30d in some months"):
        of(days("2000-01-01", 600), train="6mo", test="30d", step="1mo", gaps=True)
    with pytest.raises(ValueError, match="validation 30d leaves nothing to train on from 2000-02"):
        of(days("2000-01-01", 600), train="1mo", test="1mo", validation="30d")
    with pytest.raises(ValueError, match=f"more than {MOST_FOLDS} windows"):
        of(days("2000-01-01", 600), train="10d", test="1d")


def test_a_month_after_the_last_day_of_january_ends_with_february() -> None:
    moved = Duration.parse("1mo").after(first_second("2001-01-31"))
    assert moved == first_second("2001-03-01")


def test_a_windows_bars_end_with_the_first_one_after_its_test() -> None:
    """What is made of shorter bars, a week of days, is known by it to have ended."""
    times = days("2000-01-03", 500)
    found = of(times[times % (7 * DAY) != 0], train="100d", test="100d")
    assert [fold.end[-10:] for fold in found] == ["T23:59:59Z"] * 3 + [""]
    for fold in found[:-1]:
        after = [time for time in times.tolist() if time >= first_second(fold.test[-1][1])]
        assert first_second(fold.end) - (after[0] + DAY) in (-1, DAY - 1)
