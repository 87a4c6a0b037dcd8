"""What lists of operations are filtered and sorted by, of a training. Free of torch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from operations.operation_types import Figure, LabelKind
from operations.reading.words import NOTHING, metric, ordinal
from training.market_data.reading.words import counted
from training.models import PLACES, SORTED_BY, TrainedModel
from training.trained.looks import Looks, looks_at
from training.views.metrics import sharpe_words, shown

LABEL_KINDS = {
    "strategy": LabelKind(title="Strategy", about="By its name."),
    "symbol": LabelKind(title="Symbol", about="Among those it is trained on."),
    "timeframe": LabelKind(title="Timeframe", about="Among those of its inputs."),
    "network": LabelKind(title="Network", about="Its type, such as `mlp`."),
    "seed": LabelKind(title="Seed", about="Of the training.", is_number=True),
}
"""Each is written with a request: see `launch/holding.py`."""


def day(seconds: float | None) -> str:
    """`2016-05-04`, of Unix seconds."""
    return NOTHING if seconds is None else datetime.fromtimestamp(seconds, UTC).date().isoformat()


def beside_figures(operation_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """By operation: no Sharpe ratio is told without what it is worth."""
    rows = TrainedModel.objects.filter(operation_id__in=operation_ids, sharpe__isnull=False)
    scores = dict(rows.values_list("operation_id", "score_id"))
    found = looks_at(scores.values())
    known = {pk: found.get(score, Looks()) for pk, score in scores.items()}
    return {pk: {"times_scored": own.times_scored, **own.worth} for pk, own in known.items()}


def _figure(
    title: str, column: str, words: Callable[[Any], str] | None = None, *, is_time: bool = False
) -> Figure:
    own = words or partial(shown, column)
    return Figure(
        title=title,
        relation="trained_model",
        column=column,
        place=PLACES[column],
        words=lambda told: own(told[column]),
        is_time=is_time,
    )


def _sharpe(told: Mapping[str, Any]) -> str:
    return sharpe_words(told, by=counted(told["times_scored"], "look"))


_ALL = (
    _figure("Net return", "net_return"),
    replace(_figure("Sharpe ratio", "sharpe"), words=_sharpe),
    _figure("Drawdown", "max_drawdown"),
    _figure("Accuracy", "accuracy"),
    _figure("Validation loss", "val_loss", metric),
    _figure("Best epoch", "best_epoch", ordinal),
    _figure("Start of the test", "test_first_time", day, is_time=True),
)
FIGURES = {figure.column: figure for figure in _ALL}
"""Of its model's test part; the loss is of the best epoch."""
assert tuple(FIGURES) == SORTED_BY
