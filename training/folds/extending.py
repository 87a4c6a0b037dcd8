"""Extend a walk-forward by the windows that fit by now. Free of torch.

A window's bars end with its test: none of those that were trained changes, and none is trained
again. That is checked by their bars' fingerprints; the new family's account runs over all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import partial
from typing import Any

import numpy as np
import yaml
from django.contrib.auth.models import AbstractBaseUser

from operations import selectors
from operations.models import Operation, Status
from operations.naming import child_name
from operations.writing import write_prepared
from training.errors import CannotBranch, WindowChanged
from training.features.assembly import load_histories
from training.features.history import History
from training.folds import walk_forward
from training.folds.request import Fold, FoldsRequest, Runs
from training.folds.start import (
    WALK_FORWARD,
    PreparedFolds,
    folds_prepared,
    histories_of,
    require_disk_of,
    require_fits,
    times_of,
)
from training.folds.trainings import trainings_of
from training.folds.walk_forward import WalkForward
from training.launch.priority import inheriting
from training.launch.request import TrainingRequest
from training.launch.start import CheckpointSettings, StartRequest, prepare_start
from training.market_data.pinned import PinnedBars
from training.market_data.reading.words import counted
from training.market_data.report import as_text


def extend_walk_forward(operation_id: str, *, owner: AbstractBaseUser | None = None) -> Operation:
    """As a new operation, with all windows in its account. Raises as `prepare_longer`."""
    return write_prepared(partial(prepare_longer, operation_id, owner=owner), folds_prepared)


def prepare_longer(operation_id: str, *, owner: AbstractBaseUser | None) -> PreparedFolds:
    """Check everything that can be checked. It reads bars, so call it outside of a transaction.

    Raises `CannotBranch` where it has not completed or no further window fits, `WindowChanged`, and
    what `prepare_folds` raises.
    """
    parent = selectors.get(operation_id)
    if parent.operation_type != WALK_FORWARD or parent.status != Status.COMPLETED:
        raise CannotBranch(
            reason=f"{operation_id} is no walk-forward that has completed ({parent.operation_type}"
            f", {parent.status})"
        )
    before = FoldsRequest.from_json(parent.request)
    trained = trainings_of(parent, before)
    training = prepare_start(_until_today(before.training), owner=owner)
    histories = histories_of(training.request)
    now = FoldsRequest(
        base=inheriting(training.request, owner).to_json(),
        settings=before.settings,
        folds=_windows(before, histories),
        embargo=before.embargo,
        start=before.start,
        earlier=tuple(part.pk for part in trained),
    )
    if len(now.folds) == len(before.folds):
        raise CannotBranch(reason=_none_fits(before, histories))
    _require_the_same(parent, before, now, trained)
    require_fits(now, histories, WALK_FORWARD)
    require_disk_of(now)
    name = child_name(parent.name, (counted(len(now.own_folds), "more window"),))
    return PreparedFolds(
        operation_type=WALK_FORWARD, name=name, request=now, training=training, parent=parent
    )


def _until_today(request: TrainingRequest) -> StartRequest:
    """The same training on all bars that there are now."""
    snapshot = {**request.strategy, "training_data": {**request.strategy["training_data"]}}
    snapshot["training_data"]["end_date"] = None
    return StartRequest(
        strategy_yaml=yaml.safe_dump(snapshot),
        device=request.device,
        priority=request.priority,
        checkpoint=CheckpointSettings(**request.checkpoint.model_dump()),
    )


def _windows(before: FoldsRequest, histories: Sequence[History]) -> tuple[Fold, ...]:
    """Those of before, and what fits after them."""
    found = walk_forward.windows(_spec(before), times_of(histories), histories[0].base)
    known = len(before.folds)
    same = [_runs(fold) for fold in found[:known]] == [_runs(fold) for fold in before.folds]
    return (*_ended(before), *found[known:]) if same else before.folds


def _ended(before: FoldsRequest) -> list[Fold]:
    """Their bars end as they did: the last ones' with what was the strategy's end date."""
    then = before.strategy.training_data.end_date
    return [fold if fold.end else fold.model_copy(update={"end": then}) for fold in before.folds]


def _runs(fold: Fold) -> tuple[Runs, ...]:
    return fold.train, fold.validation, fold.test


def _spec(request: FoldsRequest) -> WalkForward:
    names = {field.name for field in fields(WalkForward)}
    given = {name: value for name, value in request.settings.items() if name in names}
    return WalkForward(**given, gaps=True)


def _none_fits(before: FoldsRequest, histories: Sequence[History]) -> str:
    until = as_text(walk_forward.end_of(times_of(histories), histories[0].base))
    last = before.folds[-1].test[-1][1]
    return f"the last window is tested to {last}, and no further one fits into bars to {until}"


def _require_the_same(
    parent: Operation, before: FoldsRequest, now: FoldsRequest, trained: Sequence[Operation]
) -> None:
    """Raises `WindowChanged` for the first window whose bars are others now."""
    for fold, part in zip(now.folds, trained, strict=False):
        if now.training_of(fold).data != part.request["data"]:
            series, since = _difference(before, now, fold)
            raise WindowChanged(
                number=fold.number,
                operation_id=parent.pk,
                tested=fold.words,
                series=series,
                since=since,
            )


def _difference(before: FoldsRequest, now: FoldsRequest, fold: Fold) -> tuple[str, str]:
    """Which series of a fold differs first, and from which date on."""
    bars = [_bars_of(request, fold) for request in (before, now)]
    for series, old in bars[0].items():
        new = bars[1].get(series)
        if new is None:
            return series, "its first bar"
        columns = ("times", "open", "high", "low", "close", "volume")
        shorter = min(len(old), len(new))
        differ = np.zeros(shorter, np.bool_)
        for column in columns:
            differ |= getattr(old, column)[:shorter] != getattr(new, column)[:shorter]
        if differ.any():
            return series, as_text(int(old.times[np.argmax(differ)]))
        if len(old) != len(new):
            longer = old if len(old) > len(new) else new
            return series, as_text(int(longer.times[shorter]))
    return "its series", "an unknown bar"


def _bars_of(request: FoldsRequest, fold: Fold) -> Mapping[str, Any]:
    pinned = PinnedBars(imports=request.training.imports or {})
    histories = load_histories(request.strategy_of(fold), load_bars=pinned.load_bars)
    return {
        f"{history.symbol}/{timeframe}": bars
        for history in histories
        for timeframe, bars in history.bars.items()
    }
