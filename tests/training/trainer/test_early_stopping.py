from collections.abc import Sequence
from typing import Any

from tests.training.trainer.synthetic import make_strategy
from training.trainer.early_stopping import EarlyStopping


def observe(values: Sequence[float], **settings: Any) -> EarlyStopping:
    stopping = EarlyStopping(make_strategy(early_stopping=settings))
    for epoch, value in enumerate(values):
        stopping.observe(epoch, value)
    return stopping


def test_it_stops_after_patience_epochs_without_improvement() -> None:
    assert not observe([1.0, 2.0, 2.0], patience=3).stopped
    assert observe([1.0, 2.0, 2.0, 2.0], patience=3).stopped


def test_an_improvement_starts_the_count_again() -> None:
    assert not observe([1.0, 2.0, 2.0, 0.9, 2.0, 2.0], patience=3).stopped


def test_an_improvement_must_be_larger_than_min_delta() -> None:
    assert observe([1.0, 0.95, 0.91], patience=2, min_delta=0.1).stopped
    assert not observe([1.0, 0.95, 0.89], patience=2, min_delta=0.1).stopped


def test_small_improvements_add_up() -> None:
    """The reference is the last value that counted, not the last value."""
    assert not observe([1.0, 0.94, 0.88, 0.82], patience=2, min_delta=0.1).stopped


def test_accuracy_improves_upwards() -> None:
    assert observe([0.5, 0.4, 0.4], patience=2, monitor="val_accuracy").stopped
    assert not observe([0.5, 0.6, 0.7], patience=2, monitor="val_accuracy").stopped


def test_nothing_counts_before_min_epochs() -> None:
    values = [1.0, 2.0, 2.0, 2.0]
    assert observe(values, patience=2).stopped
    assert not observe(values, patience=2, min_epochs=3).stopped
    assert observe([*values, 2.0], patience=2, min_epochs=3).stopped


def test_without_the_setting_it_never_stops() -> None:
    stopping = EarlyStopping(make_strategy())
    for epoch in range(100):
        stopping.observe(epoch, float(epoch))
    assert not stopping.stopped


def test_a_counter_of_2_at_the_interruption_stops_after_one_more_bad_epoch() -> None:
    before = observe([1.0, 2.0, 2.0], patience=3)
    after = EarlyStopping(make_strategy(early_stopping={"patience": 3}))
    after.load_state_dict(before.state_dict())
    after.observe(3, 2.0)
    assert after.stopped
