"""Walk-forwards and cross-validations of short trainings, and who plays them."""

from typing import Any

from operations.models import LIVE, Operation
from operations.parts import run_next
from tests.operations import scenes
from tests.training.sweep.searches import STRATEGY as STRATEGY
from training.folds.cross_validation import CrossValidation
from training.folds.job import run_folds
from training.folds.start import FoldsStart, start_folds
from training.folds.walk_forward import WalkForward
from training.launch.start import StartRequest


def walk(
    *,
    epochs: int = 2,
    embargo: int | None = None,
    yaml: str = STRATEGY,
    max_restarts: int | None = None,
    **changes: Any,
) -> Operation:
    given = {"train": "5y", "test": "18mo", **changes}
    training = StartRequest(strategy_yaml=yaml, epochs=epochs, max_restarts=max_restarts)
    return start_folds(FoldsStart(training=training, plan=WalkForward(**given), embargo=embargo))


def cross_validate(
    *, epochs: int = 2, groups: int = 4, test_groups: int = 2, embargo: int | None = None
) -> Operation:
    plan = CrossValidation(groups=groups, test_groups=test_groups)
    training = StartRequest(strategy_yaml=STRATEGY, epochs=epochs)
    return start_folds(FoldsStart(training=training, plan=plan, embargo=embargo))


def play(family: Operation, *, steps: int = 1000) -> Operation:
    """As one worker would, which hears every bell."""
    for _ in range(steps):
        now = scenes.reread(family)
        if now.status not in LIVE:
            break
        if now.waiting:
            run_next(now.pk, now.attempt)
        else:
            run_folds(now.pk, now.attempt)
    return scenes.reread(family)


def result_of(family: Operation) -> dict[str, Any]:
    assert family.status == "completed", family.error_message
    assert family.result is not None
    return family.result


def without_ids(result: dict[str, Any]) -> dict[str, Any]:
    """What is the same of equal families."""
    ids = ("operation_id", "model_id")
    folds = [
        {name: value for name, value in fold.items() if name not in ids} for fold in result["folds"]
    ]
    return {**result, "folds": folds}
