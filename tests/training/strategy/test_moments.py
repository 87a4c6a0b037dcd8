"""Dates and times in strategies are UTC, and dates last until midnight."""

import pytest

from tests.training.strategy.documents import faults_of, text_of, varied
from training.strategy import load_strategy
from training.strategy.training_data import TrainingData


def dated(start: str, end: str) -> TrainingData:
    changes = {("training_data", "start_date"): start, ("training_data", "end_date"): end}
    return load_strategy(text_of(varied(changes)), source="test").strategy.training_data


@pytest.mark.parametrize(
    ("written", "stored", "start", "end"),
    [
        ("2020-01-02", "2020-01-02", 1_577_923_200, 1_578_009_599),
        ("2020-01-02T10:00:00Z", "2020-01-02T10:00:00Z", 1_577_959_200, 1_577_959_200),
        ("2020-01-02 10:00", "2020-01-02T10:00:00Z", 1_577_959_200, 1_577_959_200),
        ("2020-01-02T10:00:00+02:00", "2020-01-02T08:00:00Z", 1_577_952_000, 1_577_952_000),
    ],
)
def test_a_moment_is_stored_as_utc(written: str, stored: str, start: int, end: int) -> None:
    data = dated(written, written)
    assert (data.start_date, data.end_date) == (stored, stored)
    assert (data.start_seconds, data.end_seconds) == (start, end)


@pytest.mark.parametrize("written", ["yesterday", "2020-13-01", "2020-02-30", "01/02/2020", "20"])
def test_anything_else_is_refused(written: str) -> None:
    (fault,) = faults_of({("training_data", "start_date"): written})
    assert "neither a date like 1999-01-04" in fault.message


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_outside_of_the_calendar_in_utc_is_refused(written: str) -> None:
    (fault,) = faults_of({("training_data", "start_date"): written})
    assert "neither a date like 1999-01-04" in fault.message
