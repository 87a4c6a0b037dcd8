"""The job of a walk-forward or a cross-validation: every fold is trained, then all are scored."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from checkpoints.store import StagedCheckpoint
from operations import lifecycle
from operations.decision import Decision, NewPart
from operations.errors import DomainError
from operations.lifecycle import Failure
from operations.models import Operation
from operations.naming import child_name
from operations.parts import broken_parts, parts_to_resume
from training.family import (
    awaited_by,
    beat,
    differences_of,
    fail_with,
    going_on_from_newest,
    is_mine,
    park,
    queue_of_part,
    run_family,
)
from training.features.inspection import check_classes, count_samples
from training.features.splits import cut
from training.features.targets import build_targets
from training.folds.request import FRESH, PREVIOUS, Fold, FoldsRequest
from training.folds.start import FOLD_WORDS, WALK_FORWARD, histories_of
from training.folds.trainings import trainings_of
from training.launch.branching import prepare_successor
from training.launch.start import OPERATION_TYPE as TRAINING
from training.strategy import apply_overrides
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
        made = Operation.objects.filter(part_of=family).count()
        _park(family, request, decision, made - len(stopped))
    else:
        made = Operation.objects.filter(part_of=family).count()
        if made == len(request.own_folds):
            _end(family, request)
        elif made == 0 and (unfit := _unfit(request)):
            _fail_before(family, word, *unfit)
        else:
            _go_on(family, request, made, word)


def _fail_before(family: Operation, word: str, fold: Fold, why: DomainError) -> None:
    message = f"{word.capitalize()} {fold.number}, tested on {fold.words}: {why}"
    lifecycle.fail(family.pk, family.attempt, Failure(code=why.code, message=message))


def _go_on(family: Operation, request: FoldsRequest, made: int, word: str) -> None:
    """With all folds at once, or with the next where it begins with what the one before learned."""
    trained = trainings_of(family, request)
    if request.start == PREVIOUS and trained:
        part, beginning = _successor(family, request, trained[-1], word)
        _park(family, request, Decision(new=[part], data={"folds": 1}), made, [beginning])
        return
    folds = request.own_folds if request.start == FRESH else request.own_folds[:1]
    new = []
    for fold in folds:
        beat(family)
        training = request.training_of(fold).to_json()
        part_id = lifecycle.new_operation_id(TRAINING)
        new.append(_part(family, fold, part_id, training, word))
    _park(family, request, Decision(new=new, data={"folds": len(new)}), made)


def _unfit(request: FoldsRequest) -> tuple[Fold, DomainError] | None:
    """The first fold whose training part lacks a class, or labels: before any is trained."""
    histories = histories_of(request.training)
    for fold in request.own_folds:
        strategy = request.strategy_of(fold)
        parts = cut([history.periods for history in histories], strategy.training.data_split)
        try:
            targets = build_targets(strategy, histories, parts)
            if strategy.output_format == "classification":
                check_classes(count_samples(targets, CLASSES)["train"])
        except DomainError as error:
            return fold, error
    return None


def _part(
    family: Operation, fold: Fold, part_id: str, training: Mapping[str, Any], word: str
) -> NewPart:
    return NewPart(
        operation_id=part_id,
        number=fold.number,
        operation_type=TRAINING,
        request=training,
        queue=queue_of_part(training),
        name=child_name(family.name, (f"{word} {fold.number}",)),
    )


def _successor(
    family: Operation, request: FoldsRequest, before: Operation, word: str
) -> tuple[NewPart, StagedCheckpoint]:
    """The fold after `before`, for as many epochs more as the strategy says.

    Raises `TestWasTrainedOn`: never, since training parts only move forward.
    """
    fold = request.folds[before.part_number or 0]
    strategy = request.strategy_of(fold)
    assert before.result is not None
    epochs = before.result["epochs_trained"] + strategy.training.epochs
    prepared = prepare_successor(
        before, apply_overrides(strategy, epochs=epochs), imports=request.training.imports
    )
    part = _part(family, fold, prepared.staged.operation_id, prepared.frozen, word)
    return part, prepared.staged


def _park(
    family: Operation,
    request: FoldsRequest,
    decision: Decision,
    done: int,
    beginnings: Sequence[StagedCheckpoint] = (),
) -> None:
    """`done`: how many folds have completed."""
    awaited, share = awaited_by(decision), FOLDS_PERCENT / len(request.own_folds)
    progress = {
        "percent": done * share,
        "percent_then": (done + awaited) * share,
        "awaited": awaited,
    }
    park(family, decision, progress, beginnings=beginnings)


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
