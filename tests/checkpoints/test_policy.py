"""When a training saves."""

import pytest

from checkpoints.policy import CheckpointPolicy


@pytest.mark.parametrize(
    ("epochs", "seconds", "due"),
    [(0, 0.0, False), (9, 299.9, False), (10, 2.0, True), (0, 300.0, True), (11, 301.0, True)],
)
def test_a_save_is_due_after_10_epochs_or_300_seconds(
    epochs: int, seconds: float, due: bool
) -> None:
    assert CheckpointPolicy().due(epochs_since_save=epochs, seconds_since_save=seconds) is due


@pytest.mark.parametrize(
    ("epochs", "seconds", "due"),
    [(10, 1.9, False), (999, 1.9, False), (10, 2.0, True), (9, 299.9, False), (0, 300.0, True)],
)
def test_saves_of_short_epochs_are_two_seconds_apart(
    epochs: int, seconds: float, due: bool
) -> None:
    assert CheckpointPolicy().due(epochs_since_save=epochs, seconds_since_save=seconds) is due


def test_who_asks_for_fewer_seconds_gets_them() -> None:
    policy = CheckpointPolicy(every_seconds=0.5, least_seconds=2)
    assert policy.due(epochs_since_save=0, seconds_since_save=0.5)


def test_each_time_can_be_asked_for() -> None:
    policy = CheckpointPolicy(every_epochs=1, least_seconds=0)
    assert policy.due(epochs_since_save=1, seconds_since_save=0)


@pytest.mark.parametrize(
    "bad",
    [
        {"every_epochs": 0},
        {"every_seconds": 0.0},
        {"every_seconds": float("nan")},
        {"least_seconds": -1.0},
        {"least_seconds": float("nan")},
    ],
)
def test_a_policy_that_never_rests_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        CheckpointPolicy(**bad)  # type: ignore[arg-type]
