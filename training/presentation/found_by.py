"""What lists of operations are filtered and sorted by, of a training. Free of torch."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from operations.operation_types import Figure, LabelKind
from operations.reading.words import NOTHING, metric, ordinal
from training.models import SORTED_BY
from training.views.metrics import shown

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


def _figure(
    title: str, column: str, words: Callable[[Any], str] | None = None, *, is_time: bool = False
) -> Figure:
    told = words or partial(shown, column)
    return Figure(title=title, relation="trained_model", column=column, words=told, is_time=is_time)


_ALL = (
    _figure("Net return", "net_return"),
    _figure("Sharpe ratio", "sharpe"),
    _figure("Drawdown", "max_drawdown"),
    _figure("Accuracy", "accuracy"),
    _figure("Validation loss", "val_loss", metric),
    _figure("Best epoch", "best_epoch", ordinal),
    _figure("Start of the test", "test_first_time", day, is_time=True),
)
FIGURES = {figure.column: figure for figure in _ALL}
"""Of its model's test part; the loss is of the best epoch."""
assert tuple(FIGURES) == SORTED_BY
