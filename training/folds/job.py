"""The job of a walk-forward or a cross-validation: every fold is trained, then all are scored."""

from collections.abc import Callable
from functools import partial

from operations import lifecycle
from operations.decision import Decision, NewPart
from operations.errors import DomainError
from operations.lifecycle import Failure
from operations.models import Operation
from operations.naming import child_name
from operations.parts import broken_parts, parts_to_resume
from training.family import (
    PARTS_QUEUE,
    awaited_by,
    beat,
    differences_of,
    fail_with,
    going_on_from_newest,
    is_mine,
    park,
    run_family,
)
from training.features.errors import MissingClass
from training.features.inspection import check_classes, count_samples
from training.features.splits import cut
from training.features.targets import build_targets
from training.folds.request import Fold, FoldsRequest
from training.folds.start import FOLD_WORDS, WALK_FORWARD, histories_of
from training.folds.trainings import trainings_of
from training.launch.start import OPERATION_TYPE as TRAINING
from training.launch.start import queue_for
from training.strategy.values import CLASSES
from training.trained import ledger

FOLDS_PERCENT = 99.0
"""The rest is their score."""


def run_folds(operation_id: str, attempt: int) -> None:
    """Claim, decide, wait or end. A duplicate or superseded delivery leaves quietly."""
    run_family(operation_id, attempt, _decider)


def _decider(family: Operation) -> Callable[[], None]:
    return partial(_decide, family, FoldsRequest.from_json(family.request))


def _decide(family: Operation, request: FoldsRequest) -> None:
    if not is_mine(family):
        return
    word = FOLD_WORDS[family.operation_type]
    if broken := broken_parts(family):
        what = "the walk-forward" if family.operation_type == WALK_FORWARD else "it"
        fail_with(family, broken[0], word.capitalize(), what)
    elif stopped := parts_to_resume(family):
        decision = Decision(resumed=[going_on_from_newest(part, None) for part in stopped])
        _park(family, request, decision)
    elif not Operation.objects.filter(part_of=family).exists():
        _begin(family, request, word)
    else:
        _end(family, request)


def _begin(family: Operation, request: FoldsRequest, word: str) -> None:
    if lacking := _lacking_a_class(request):
        fold, why = lacking
        message = f"{word.capitalize()} {fold.number}, tested on {fold.words}: {why}"
        failure = Failure(code=MissingClass.code, message=message)
        lifecycle.fail(family.pk, family.attempt, failure)
        return
    new = []
    for fold in request.own_folds:
        beat(family)
        new.append(_part(family, request, fold, word))
    _park(family, request, Decision(new=new, data={"folds": len(new)}))


def _lacking_a_class(request: FoldsRequest) -> tuple[Fold, MissingClass] | None:
    """The first fold whose training part lacks one: before any of them is trained."""
    if request.strategy.output_format != "classification":
        return None
    histories = histories_of(request.training)
    for fold in request.own_folds:
        strategy = request.strategy_of(fold)
        parts = cut([history.periods for history in histories], strategy.training.data_split)
        targets = build_targets(strategy, histories, parts)
        try:
            check_classes(count_samples(targets, CLASSES)["train"])
        except MissingClass as error:
            return fold, error
    return None


def _part(family: Operation, request: FoldsRequest, fold: Fold, word: str) -> NewPart:
    training = request.training_of(fold).to_json()
    return NewPart(
        operation_id=lifecycle.new_operation_id(TRAINING),
        number=fold.number,
        operation_type=TRAINING,
        request=training,
        queue=PARTS_QUEUE if training["device"] != "cuda" else queue_for(training),
        name=child_name(family.name, (f"{word} {fold.number}",)),
    )


def _park(family: Operation, request: FoldsRequest, decision: Decision) -> None:
    awaited, all_folds = awaited_by(decision), len(request.own_folds)
    done = FOLDS_PERCENT * (1 - awaited / all_folds)
    park(family, decision, {"percent": done, "percent_then": FOLDS_PERCENT, "awaited": awaited})


def _end(family: Operation, request: FoldsRequest) -> None:
    from training.folds.result import outcome_of  # loads what evaluates

    parts = trainings_of(family, request)
    differences = differences_of(parts, FOLD_WORDS[family.operation_type])
    lifecycle.describe_attempt(
        family.pk, family.attempt, exact=not differences, differences=differences
    )
    try:
        outcome = outcome_of(family, request, parts)
    except DomainError as error:
        lifecycle.fail(family.pk, family.attempt, Failure(code=error.code, message=str(error)))
        return
    with lifecycle.completing(family.pk, family.attempt, result=outcome.result):
        ledger.record(outcome.scores)
