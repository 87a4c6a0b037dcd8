"""When a training saves."""

import pytest

from checkpoints.policy import CheckpointPolicy


@pytest.mark.parametrize(
    ("epochs", "seconds", "due"),
    [(0, 0.0, False), (9, 299.9, False), (10, 0.0, True), (0, 300.0, True), (11, 301.0, True)],
)
def test_a_save_is_due_after_10_epochs_or_300_seconds(
    epochs: int, seconds: float, due: bool
) -> None:
    assert CheckpointPolicy().due(epochs_since_save=epochs, seconds_since_save=seconds) is due


@pytest.mark.parametrize(
    "bad", [{"every_epochs": 0}, {"every_seconds": 0.0}, {"every_seconds": float("nan")}]
)
def test_a_policy_that_never_rests_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        CheckpointPolicy(**bad)  # type: ignore[arg-type]
