"""Of the trials at a rung the best third goes on."""

import pytest

from training.sweep.halving import Standing, best_first, going_on, rung_faults, rungs_of


def at_rung(*values: float | None) -> list[Standing]:
    told = ["" if value is None else float(value).hex() for value in values]
    return [Standing(number=number, value=value) for number, value in enumerate(told, start=1)]


def numbers(trials: list[Standing]) -> list[int]:
    return [trial.number for trial in trials]


def test_a_third_goes_on_and_at_least_one() -> None:
    assert numbers(going_on(at_rung(0.9, 0.1, 0.5, 0.3, 0.8, 0.7), "val_loss")) == [2, 4]
    assert numbers(going_on(at_rung(0.9, 0.1), "val_loss")) == [2]
    assert len(going_on(at_rung(*range(81)), "val_loss")) == 27


def test_the_highest_accuracy_is_the_best() -> None:
    assert numbers(going_on(at_rung(0.9, 0.1, 0.5), "val_accuracy")) == [1]


def test_of_equal_ones_the_first_is_the_better() -> None:
    assert numbers(best_first(at_rung(0.5, 0.5, 0.4, 0.5), "val_loss")) == [3, 1, 2, 4]


def test_what_has_no_value_never_goes_on_and_is_not_counted() -> None:
    trials = at_rung(None, 0.3, None, None, None, 0.2)
    assert numbers(going_on(trials, "val_loss")) == [6]
    assert going_on(at_rung(None, None), "val_loss") == []
    assert going_on([], "val_loss") == []


def test_rungs_are_a_third_of_the_next_one() -> None:
    assert rungs_of(270) == (10, 30, 90, 270)
    assert rungs_of(100) == (4, 12, 34, 100)
    assert rungs_of(2) == (1, 2)
    assert rungs_of(1) == (1,)


@pytest.mark.parametrize(
    ("rungs", "faults"),
    [
        ((10, 30, 90), []),
        ((90,), []),
        ((), ["must name at least one"]),
        ((0, 90), ["must be 1 or more"]),
        ((30, 10, 90), ["must rise"]),
        ((30, 30, 90), ["must rise"]),
        ((10, 100), ["must end with the epochs, 90, not with 100"]),
        ((10, -3), ["must be 1 or more", "must rise", "must end with the epochs, 90, not with -3"]),
    ],
)
def test_rungs_that_cannot_be(rungs: tuple[int, ...], faults: list[str]) -> None:
    assert rung_faults(rungs, 90) == faults
