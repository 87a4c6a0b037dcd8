"""Models that differ in their seed only as one row of a list: what one seed did is mostly luck.

Of models alone: a row of the list of operations moves, fails and is acted on by itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from operations.models import Operation
from training.launch.seeds import shared_name, spreads, without_seed
from training.models import TrainedModel
from training.views import metrics

SHOWN = (
    *("net_return", "sharpe", "deflated_sharpe", "max_drawdown"),
    *("trades", "accuracy", "r2"),
)


@dataclass(frozen=True, kw_only=True)
class SeedsRow:
    name: str
    models: Sequence[Any]
    """By seed: `TrainedModel`s as lists annotate them."""
    means: Mapping[str, str]
    """`+1.2 % ± 3.4 %` by metric, of those that any has."""
    held: Mapping[str, float | int | None]
    """Buying and holding, which is the same for all."""

    @property
    def ids(self) -> str:
        """Of their operations, as the page that compares takes them."""
        return ",".join(model.operation_id for model in self.models)


def folded(models: Sequence[TrainedModel]) -> list[TrainedModel | SeedsRow]:
    """Each where the first of its seeds stands; one alone stays as it is."""
    groups: dict[str, list[TrainedModel]] = {}
    keys = _keys(model.operation_id for model in models)
    for model in models:
        groups.setdefault(keys[model.operation_id], []).append(model)
    return [own[0] if len(own) == 1 else _row(own) for own in groups.values()]


def _keys(ids: Iterable[str]) -> dict[str, str]:
    rows = Operation.objects.filter(pk__in=list(ids)).only("pk", "request", "lineage", "owner_id")
    return {row.pk: f"{row.lineage} {row.owner_id} {without_seed(row)}" for row in rows}


def _row(models: Sequence[Any]) -> SeedsRow:
    found = spreads(model.test_metrics for model in models)
    return SeedsRow(
        name=shared_name(models[0].name),
        models=sorted(models, key=lambda model: model.seed or 0),
        means={
            name: _words(name, spread.mean, spread.deviation)
            for name, spread in found.items()
            if name in SHOWN
        },
        held=models[0].buy_and_hold,
    )


def _words(name: str, mean: float, deviation: float | None) -> str:
    off = metrics.shown(name, deviation).lstrip("+")
    return f"{metrics.shown(name, mean)} \N{PLUS-MINUS SIGN} {off}"
