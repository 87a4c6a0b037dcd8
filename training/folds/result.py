"""What came of a walk-forward or a cross-validation, as plain JSON."""

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from operations.models import Operation
from training.canonical import json_digest
from training.evaluation.backtest import max_drawdown
from training.evaluation.evaluation import Evaluation
from training.evaluation.fold_predictions import FILE, FoldPredictions
from training.features.arrays import Int64Array
from training.features.splits import Run
from training.folds import cross_validation
from training.folds.cross_validation import CrossValidation
from training.folds.request import Fold, FoldsRequest
from training.folds.start import WALK_FORWARD, histories_of, times_of
from training.folds.stitching import Account, Bars, Piece, Stitching
from training.folds.walk_forward import end_of
from training.models import ModelArtifact, Score, TrainedModel
from training.strategy.values import first_second
from training.trained import ledger
from training.trained.stored_models import verified_chunks

SHOWN_OF_EVALUATION = (
    "samples",
    "first_time",
    "last_time",
    "metrics",
    "buy_and_hold",
    "baselines",
    "confusion",
    "equity_curve",
    "notes",
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What is written when the family completes."""

    result: dict[str, Any]
    scores: tuple[Score, ...]
    """Lines of the ledger, not yet written: all are one look."""


def outcome_of(family: Operation, request: FoldsRequest, parts: Sequence[Operation]) -> Outcome:
    """Of a family whose parts have all completed; reads their bundles and the bars.

    Raises `ModelDamaged`, `StorageUnavailable`, and `MarketDataMissing` and its kind.
    """
    histories = histories_of(request.training)
    bars, times = Bars(request.strategy, histories), times_of(histories)
    models = _models(parts)
    said = {number: _said(model) for number, model in models.items()}
    trained = [
        _trained(fold, models[fold.number], part)
        for fold, part in zip(request.folds, parts, strict=True)
    ]
    if family.operation_type == WALK_FORWARD:
        return _walked(family, request, bars, times, said, trained)
    until = end_of(times, histories[0].base)
    return _cross_validated(family, request, bars, times, until, said, trained)


def _walked(
    family: Operation,
    request: FoldsRequest,
    bars: Bars,
    times: Int64Array,
    said: Mapping[int, FoldPredictions],
    trained: Sequence[Mapping[str, Any]],
) -> Outcome:
    pieces = [
        Piece(run=run, said=said[fold.number]) for fold in request.folds for run in runs_of(fold)
    ]
    runs = [piece.run for piece in pieces]
    whole = Stitching(bars, runs).account(pieces)
    score = _score(family, request, whole.evaluation)
    earned = list(_by_window(whole, runs, times))
    result = {
        "folds": [{**fold, **own} for fold, own in zip(trained, earned, strict=True)],
        "test": _told(whole.evaluation),
        "score": score.pk,
        "equity_sha256": _digest_of(whole.equity),
    }
    return Outcome(result={**result, "digest": _digest(result)}, scores=(score,))


def _cross_validated(
    family: Operation,
    request: FoldsRequest,
    bars: Bars,
    times: Int64Array,
    until: int,
    said: Mapping[int, FoldPredictions],
    trained: Sequence[Mapping[str, Any]],
) -> Outcome:
    plan = CrossValidation(
        groups=request.settings["groups"], test_groups=request.settings["test_groups"]
    )
    edges = cross_validation.bounds(plan, times, until)
    runs = [Run(first=first, end=end) for first, end in itertools.pairwise(edges)]
    stitching = Stitching(bars, runs)
    accounts = [
        stitching.account(
            [Piece(run=run, said=said[number]) for run, number in zip(runs, path, strict=True)]
        )
        for path in cross_validation.paths(plan)
    ]
    scores = tuple(_score(family, request, own.evaluation) for own in accounts)
    result = {
        "folds": list(trained),
        "paths": [
            {**_told(own.evaluation), "score": score.pk, "equity_sha256": _digest_of(own.equity)}
            for own, score in zip(accounts, scores, strict=True)
        ],
    }
    return Outcome(result={**result, "digest": _digest(result)}, scores=scores)


def runs_of(fold: Fold) -> list[Run]:
    """A fold's test runs."""
    return [Run(first=first_second(start), end=first_second(end)) for start, end in fold.test]


def _models(parts: Sequence[Operation]) -> dict[int, TrainedModel]:
    """By the number of the part."""
    numbers = {part.pk: part.part_number or 0 for part in parts}
    found = TrainedModel.objects.filter(operation__in=numbers)
    return {numbers[model.operation_id]: model for model in found}


def _said(model: TrainedModel) -> FoldPredictions:
    file = ModelArtifact.objects.get(trained_model=model, name=FILE)
    return FoldPredictions.from_bytes(b"".join(verified_chunks(model, file)))


def _trained(fold: Fold, model: TrainedModel, part: Operation) -> dict[str, Any]:
    assert part.result is not None
    kept = ("state_digest", "weights_sha256", "best_epoch", "epochs_trained")
    metrics = model.evaluation["metrics"]
    return {
        "number": fold.number,
        "train": fold.train,
        "test": fold.test,
        "model_id": model.pk,
        "operation_id": part.pk,
        **{name: part.result[name] for name in kept},
        **{name: metrics[name] for name in ("accuracy", "mse", "trades") if name in metrics},
    }


def _by_window(
    whole: Account, runs: Sequence[Run], times: Int64Array
) -> Iterator[dict[str, float]]:
    """What the one account earned in each window: from its first bar's fill to the next one's."""
    firsts = times[np.searchsorted(times, [run.first for run in runs])]
    places = [*np.searchsorted(whole.times, firsts, side="right").tolist(), whole.times.size]
    places[0] = 0
    before = 1.0
    for start, end in itertools.pairwise(places):
        own = whole.equity[start:end]
        after = float(own[-1]) if own.size else before
        yield {
            "net_return": after / before - 1.0 if before else 0.0,
            "max_drawdown": max_drawdown(own / before) if own.size and before else 0.0,
        }
        before = after


def _told(evaluation: Evaluation) -> dict[str, Any]:
    told = evaluation.to_json()
    return {name: told[name] for name in SHOWN_OF_EVALUATION}


def _score(family: Operation, request: FoldsRequest, evaluation: Evaluation) -> Score:
    looked_at = ledger.test_range(evaluation.to_json(), request.training.strategy)
    score = ledger.as_score(looked_at, evaluation.returns, operation_id=family.pk, look=family.pk)
    score.owner_name = family.owner.get_username() if family.owner else ""
    return score


def _digest_of(equity: NDArray[np.float64]) -> str:
    return hashlib.sha256(equity.astype("<f8").tobytes()).hexdigest()


def _digest(result: Mapping[str, Any]) -> str:
    """Over all that is the same of equal families: no ids."""
    ids = ("operation_id", "model_id")
    folds = [
        {name: value for name, value in fold.items() if name not in ids} for fold in result["folds"]
    ]
    return json_digest({**result, "folds": folds})
