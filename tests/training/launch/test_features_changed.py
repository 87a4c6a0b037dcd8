"""Operations whose rows an older version made: bars are equal, rows or labels are not."""

import pytest

from operations.models import Operation, Status
from operations.restart import restart_operation
from operations.resume import resume_operation
from tests.training.launch.attempts import STRATEGY, now, run, run_until, start
from training.attempt.requests import StopReason
from training.errors import FeaturesChanged, TestWasTrainedOn
from training.launch.branching import extend_operation, fork_operation
from training.launch.layout import fingerprints_of_0_1_0
from training.launch.request import TrainingRequest

pytestmark = pytest.mark.django_db(transaction=True)

BY_DATES = STRATEGY.replace(
    "{train: 0.7, validation: 0.15, test: 0.15}",
    '{validation_start: "2015-01-02", test_start: "2016-06-01"}',
)


def as_of_0_1_0(operation: Operation) -> Operation:
    """What 0.1.0 had stored: neither the rows' version nor where the parts lie, and fingerprints of
    bars from further back."""
    strategy = TrainingRequest.of(operation).read_strategy()
    assert fingerprints_of_0_1_0(strategy) != operation.request["data"]
    operation.request["data"] = fingerprints_of_0_1_0(strategy)
    operation.pinned["fingerprint"].pop("rows_version")
    operation.pinned["fingerprint"]["dataset"] = "of other rows"
    for name in ("cuts", "trained"):
        operation.request.pop(name, None)
    operation.save(update_fields=["pinned", "request"])
    return now(operation)


def cancelled(strategy: str = STRATEGY) -> Operation:
    return run_until(start(epochs=4, strategy_yaml=strategy), 40, StopReason.CANCEL)


def test_it_is_refused_by_name_and_nothing_changes() -> None:
    operation = as_of_0_1_0(cancelled(BY_DATES))
    with pytest.raises(FeaturesChanged, match="Restart it") as refused:
        resume_operation(operation.pk)
    assert (refused.value.code, refused.value.status) == ("features_changed", 409)
    assert "--accept-changed-data" in str(refused.value)
    assert "--accept-seen-test" not in str(refused.value)
    assert now(operation).status == Status.CANCELLED
    assert now(operation).attempt == operation.attempt


def test_split_by_dates_it_goes_on_once_accepted_and_never_asks_again() -> None:
    operation = as_of_0_1_0(cancelled(BY_DATES))
    resume_operation(operation.pk, accept_changed_data=True)
    (change,) = now(operation).request["accepted_data_changes"]
    assert (change["rows_before"], change["rows_now"]) == (0, 1)
    stopped = run_until(operation, 20, StopReason.CANCEL)
    assert stopped.attempts.get(number=2).exact is False
    resume_operation(operation.pk)
    assert run(operation).status == Status.COMPLETED
    assert now(operation).result["test"]["seen_test"] == ""


def test_split_by_fractions_one_refusal_names_both_flags() -> None:
    operation = as_of_0_1_0(cancelled())
    with pytest.raises(FeaturesChanged) as refused:
        resume_operation(operation.pk)
    assert "--accept-changed-data" in str(refused.value)
    assert "--accept-seen-test" in str(refused.value)
    with pytest.raises(TestWasTrainedOn):
        resume_operation(operation.pk, accept_changed_data=True)
    resume_operation(operation.pk, accept_changed_data=True, accept_seen_test=True)
    assert run(operation).status == Status.COMPLETED
    assert "Its weights were trained on SP500" in now(operation).result["test"]["seen_test"]


def test_where_the_cuts_are_known_they_are_kept() -> None:
    operation = cancelled()
    operation.pinned["fingerprint"]["rows_version"] = 0
    operation.save(update_fields=["pinned"])
    cuts = operation.request["cuts"]
    resume_operation(operation.pk, accept_changed_data=True)
    split = now(operation).request["strategy"]["training"]["data_split"]
    assert {name: split[name] for name in cuts} == cuts


def test_a_live_one_that_this_version_takes_over_fails_by_the_same_name() -> None:
    operation = run_until(start(epochs=4), 40, StopReason.SHUTDOWN)
    assert as_of_0_1_0(operation).status == Status.RUNNING
    assert run(operation).error_code == "features_changed"


def test_a_restart_has_rows_of_this_version_and_asks_nothing() -> None:
    child = restart_operation(as_of_0_1_0(cancelled()).pk, owner=None)
    stopped = run_until(child, 20, StopReason.CANCEL)
    resume_operation(stopped.pk)
    assert {attempt.exact for attempt in run(child).attempts.all()} == {True}


def test_an_extension_is_refused_and_a_fork_sets_the_best_model_aside() -> None:
    parent = as_of_0_1_0(run(start(epochs=4, strategy_yaml=BY_DATES)))
    with pytest.raises(FeaturesChanged, match="fork it"):
        extend_operation(parent.pk, epochs=6)
    branch = fork_operation(parent.pk, settings={"training.epochs": 6})
    assert {"part": "best model", "fate": "reset"} in branch.plan.table()
    assert run(branch.operation).result["best_epoch"] >= 4
