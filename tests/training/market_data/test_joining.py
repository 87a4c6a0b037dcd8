"""Newer bars go on from known ones, or they do not, and then it is said why."""

import re
from dataclasses import replace

import numpy as np
import pytest

from training.market_data.bars import Bars
from training.market_data.joining import join
from training.market_data.timeframes import DAY, HOUR, usual_step
from training.strategy.values import Timeframe

MONDAY = 1_578_268_800  # 2020-01-06
WORKDAYS = MONDAY + DAY * np.array([0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15])


def bars_at(times: np.ndarray) -> Bars:
    """Each bar's values follow from its time."""
    price = 100.0 + times / DAY % 97
    return Bars(times=times, open=price, high=price, low=price, close=price, volume=price)


KNOWN = bars_at(WORKDAYS)


def same(bars: Bars, others: Bars) -> bool:
    return bars.has_rows_of(others)


@pytest.mark.parametrize(
    ("newer", "whole", "num_common"),
    [
        (WORKDAYS, WORKDAYS, 12),
        (WORKDAYS[9:], WORKDAYS, 3),
        (WORKDAYS[3:6], WORKDAYS[:6], 3),
        ([*WORKDAYS[9:], MONDAY + 16 * DAY], [*WORKDAYS, MONDAY + 16 * DAY], 3),
        ([MONDAY + 16 * DAY], [*WORKDAYS, MONDAY + 16 * DAY], 0),
        ([MONDAY + 18 * DAY], [*WORKDAYS, MONDAY + 18 * DAY], 0),
        ([MONDAY - DAY, *WORKDAYS], [MONDAY - DAY, *WORKDAYS], 12),
    ],
    ids=["the same", "its end", "its middle", "beyond it", "next day", "next week", "before it"],
)
def test_bars_that_continue_or_repeat_known_ones_join_them(
    newer: list[int], whole: list[int], num_common: int
) -> None:
    joined = join(KNOWN, bars_at(np.array(newer)), timeframe="1d")
    assert joined.apart is None
    assert same(joined.bars, bars_at(np.array(whole)))
    assert joined.num_common == num_common


@pytest.mark.parametrize(
    ("newer", "reason"),
    [
        (MONDAY + DAY * np.array([19]), "that ends on 2020-01-21, and its first bar is of 2020-01"),
        (MONDAY - DAY * np.array([9, 8]), "that begins on 2020-01-06, after its last bar"),
        (WORKDAYS[[5, 7]], "of the 3 bars in the time that both cover 1 differ, the first on "),
        (MONDAY + DAY * np.arange(4, 7), "of the 3 bars .* 2 differ, the first on 2020-01-11"),
    ],
    ids=["a hole", "an earlier file", "one is missing", "days that are not known"],
)
def test_bars_apart_from_known_ones_stay_alone(newer: np.ndarray, reason: str) -> None:
    joined = join(KNOWN, bars_at(newer), timeframe="1d")
    assert joined.apart is not None
    assert np.array_equal(joined.bars.times, newer)
    assert re.search(reason, joined.apart)


def test_one_other_value_is_enough_to_stay_alone() -> None:
    volume = KNOWN.volume.copy()
    volume[7] += 1e-9
    joined = join(KNOWN, replace(KNOWN, volume=volume), timeframe="1d")
    assert joined.apart == (
        "of the 12 bars in the time that both cover 1 differ, the first on 2020-01-15"
    )


def test_without_known_bars_there_is_nothing_to_join() -> None:
    assert join(None, KNOWN, timeframe="1d").apart == "there is none"


@pytest.mark.parametrize(
    ("steps", "timeframe", "usual"),
    [
        ([HOUR, HOUR, 65 * HOUR], "1h", HOUR),
        ([3 * HOUR, 18 * HOUR, 3 * HOUR], "2h", 3 * HOUR),
        ([2 * HOUR, HOUR], "1h", HOUR),
        ([DAY - HOUR, DAY + HOUR, 3 * DAY, 3 * DAY, DAY], "1d", DAY),
        ([DAY + 2 * HOUR, DAY + 2 * HOUR, DAY], "1d", DAY + 2 * HOUR),
    ],
)
def test_the_usual_step_is_the_most_frequent_one(
    steps: list[int], timeframe: Timeframe, usual: int
) -> None:
    assert usual_step(np.array(steps), timeframe) == usual
