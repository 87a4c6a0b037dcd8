"""A walk-forward's windows and a cross-validation's splits, for their pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from operations.models import LIVE, Operation
from operations.operation_types import Presentation
from training.folds import outcome
from training.folds.request import Fold, FoldsRequest
from training.folds.start import FOLD_WORDS
from training.views import evaluated, folds_picture, metrics


@dataclass(frozen=True, kw_only=True)
class ShownFold:
    number: int
    train: str
    test: str
    operation_id: str
    """Empty before it has begun."""
    state: str
    net_return: str
    max_drawdown: str
    accuracy: str
    best_epoch: int | None
    """Counted from 0."""


def shown_folds(operation: Operation, request: FoldsRequest) -> list[ShownFold]:
    """Every one, whether it has begun or not."""
    parts = Operation.objects.filter(part_of=operation).only("status", "claimed_at", "part_number")
    states = {part.part_number: (part.pk, _state(part)) for part in parts}
    states |= {number: (pk, "before") for number, pk in enumerate(request.earlier, start=1)}
    earned = {fold["number"]: fold for fold in (operation.result or {}).get("folds", ())}
    return [
        _shown(fold, *states.get(fold.number, ("", "not begun")), earned.get(fold.number, {}))
        for fold in request.folds
    ]


def _shown(fold: Fold, operation_id: str, state: str, earned: Mapping[str, Any]) -> ShownFold:
    return ShownFold(
        number=fold.number,
        train=" and ".join(f"{start} to {end}" for start, end in fold.train),
        test=fold.words,
        operation_id=operation_id,
        state=state,
        **{
            name: metrics.shown(name, earned[name]) if name in earned else ""
            for name in ("net_return", "max_drawdown", "accuracy")
        },
        best_epoch=earned.get("best_epoch"),
    )


def _state(part: Operation) -> str:
    if part.status in LIVE:
        return "trains" if part.claimed_at else "waits"
    return str(part.status)


def folds_of(request: HttpRequest, operation: Operation) -> dict[str, Any]:
    """The context of the panel."""
    told = outcome.result(operation) or {}
    test, asked = told.get("test"), FoldsRequest.from_json(operation.request)
    return {
        "word": FOLD_WORDS[operation.operation_type],
        "settings": _settings(asked.settings),
        "folds": shown_folds(operation, asked),
        "picture": folds_picture.of_request(asked),
        "test": test,
        **(evaluated.shown(test) if test else {}),
        "paths": [_path(number, path) for number, path in enumerate(told.get("paths", ()), 1)],
    }


def _settings(given: Mapping[str, Any]) -> list[str]:
    """`train 5y`; what is off is left out."""
    return [
        name.replace("_", " ") if value is True else f"{name.replace('_', ' ')} {value}"
        for name, value in given.items()
        if value
    ]


def _path(number: int, path: Mapping[str, Any]) -> dict[str, Any]:
    names = ("net_return", "max_drawdown", "sharpe", "deflated_sharpe", "trades")
    told = {name: metrics.shown(name, path["metrics"][name]) for name in names}
    return {"number": number, "times_scored": path["times_scored"], **told}


def fold_table(operation: Operation) -> list[tuple[str, ...]]:
    """For a terminal."""
    head = (FOLD_WORDS[operation.operation_type], "tested on", "state", "net return")
    rows = shown_folds(operation, FoldsRequest.from_json(operation.request))
    return [head, *((str(it.number), it.test, it.state, it.net_return) for it in rows)]


WALK_FORWARD = Presentation(
    what_is_safe="What its windows have learned",
    restart_note="A new walk-forward over the same windows and data, from the beginning.",
    panel_template="training/folds_panel.html",
    panel_head_template="training/folds_panel_head.html",
    panel=folds_of,
    table=fold_table,
)
CROSS_VALIDATION = Presentation(
    what_is_safe="What its splits have learned",
    restart_note="A new cross-validation over the same splits and data, from the beginning.",
    panel_template="training/folds_panel.html",
    panel_head_template="training/folds_panel_head.html",
    panel=folds_of,
    table=fold_table,
)
"""Rows `presentation` of `OPERATION_TYPES`."""
