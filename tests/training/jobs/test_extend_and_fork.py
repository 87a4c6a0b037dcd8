"""A training may begin where another one stands."""

from functools import partial

import pytest

from operations.cancel import cancel_operation
from operations.errors import NoCheckpoint
from operations.models import Operation, Status
from tests.acceptance import trainings
from training.errors import CannotBranch
from training.jobs import run_training
from training.launch.branching import extend_operation, fork_operation
from training.strategy import StrategyInvalid

pytestmark = pytest.mark.django_db(transaction=True)

PLAIN = trainings.STRATEGY.replace("  lr_scheduler: {type: cosine}\n", "")


def trained(operation: Operation) -> Operation:
    run_training(operation.pk, operation.attempt)
    operation.refresh_from_db()
    assert operation.status == Status.COMPLETED, operation.error_message
    return operation


@pytest.mark.parametrize(
    "schedule",
    [
        "{type: none}",
        "{type: step, step_size: 3}",
        "{type: exponential}",
        "{type: plateau, patience: 1}",
    ],
)
def test_an_extended_training_equals_one_of_as_many_epochs(schedule: str) -> None:
    text = PLAIN + f"  lr_scheduler: {schedule}\n"
    at_once = trained(trainings.start(epochs=8, strategy_yaml=text))
    short = trained(trainings.start(epochs=5, strategy_yaml=text))
    extended = trained(extend_operation(short.pk, epochs=8).operation)
    assert trainings.digests(extended) == trainings.digests(at_once)
    trained_epochs = extended.metrics.order_by("step").values_list("step", flat=True)
    assert list(trained_epochs) == [5, 6, 7]  # it did not start over
    assert extended.parent == short
    assert extended.lineage == short.lineage


def test_a_cosine_begins_a_new_cycle_and_says_so_before() -> None:
    short = trained(trainings.start(epochs=4))
    branch = extend_operation(short.pk, epochs=8)
    assert {"part": "learning rate schedule", "fate": "new cycle"} in branch.plan.table()
    rates = trained(branch.operation).metrics.order_by("step").values_list("values", flat=True)
    assert rates[0]["learning_rate"] == pytest.approx(0.001)


def test_a_fork_goes_on_with_other_settings_from_a_given_state() -> None:
    parent = trained(trainings.start(epochs=4, strategy_yaml=PLAIN))
    settings = {"training.learning_rate": 0.01, "training.epochs": 6}
    branch = fork_operation(parent.pk, settings=settings)
    child = trained(branch.operation)
    first = child.metrics.order_by("step").first()
    assert (first.step, first.values["learning_rate"]) == (4, 0.01)
    assert child.attempts.get().resumed_from["epoch"] == 3


def test_what_becomes_of_the_parent_does_not_concern_its_child() -> None:
    parent = trained(trainings.start(epochs=3, strategy_yaml=PLAIN))
    child = extend_operation(parent.pk, epochs=5).operation
    parent.delete()
    assert trained(child).result["epochs_trained"] == 5


@pytest.mark.parametrize(
    ("attempt", "error"),
    [
        (partial(extend_operation, epochs=3), CannotBranch),
        (partial(fork_operation, settings={"training.learning_rat": 1}), StrategyInvalid),
        (partial(fork_operation, settings={"nowhere.at.all": 1}), StrategyInvalid),
        (
            partial(
                fork_operation,
                settings={"model.architecture.hidden_layers": [8], "training.epochs": 9},
            ),
            CannotBranch,
        ),
        (partial(fork_operation, settings={}, checkpoint_id=999_999), CannotBranch),
    ],
)
def test_what_cannot_be_branched_starts_nothing(attempt, error) -> None:
    parent = trained(trainings.start(epochs=3, strategy_yaml=PLAIN))
    with pytest.raises(error):
        attempt(parent.pk)
    assert Operation.objects.count() == 1


def test_an_operation_that_runs_or_never_saved_cannot_be_extended() -> None:
    operation = trainings.start()
    with pytest.raises(CannotBranch, match="cancel it first"):
        extend_operation(operation.pk, epochs=99)
    cancel_operation(operation.pk)
    with pytest.raises(NoCheckpoint):
        extend_operation(operation.pk, epochs=99)
