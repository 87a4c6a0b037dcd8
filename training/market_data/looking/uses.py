"""Which operations and models use a series."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from operations import selectors
from operations.models import Operation
from training.market_data.catalog import series_behind
from training.models import Pin, TrainedModel
from training.series.versions import current_import

LOOKED_AT = 500
"""Of the operations that a user may see, the newest: a page looks at no more."""
SHOWN = 20
WHOLE = "whole"
"""What a model's operation is a part of, or that itself."""


@dataclass(frozen=True, kw_only=True)
class Uses:
    """The newest of those that a user may see."""

    operations: list[Operation]
    models: list[TrainedModel]
    num_more: int
    """Operations beyond those."""

    @property
    def pairs(self) -> list[tuple[Operation, TrainedModel | None]]:
        """Each operation with its model, if it has one."""
        of = {getattr(model, WHOLE): model for model in self.models}
        return [(operation, of.get(operation.pk)) for operation in self.operations]


def uses_of(symbol: str, timeframe: str, user: AbstractBaseUser | AnonymousUser) -> Uses:
    """Those that stand on bars of the series; of a sample, the newest that were started on it.

    A family stands for its parts: a search of a thousand trials is one of them.
    """
    seen = selectors.visible_to(user).order_by("-created_at", "-id")
    if current_import(symbol, timeframe) is None:
        ids = _started_on(symbol, timeframe, seen)
    else:
        pins = Pin.objects.filter(data__symbol=symbol, data__timeframe=timeframe)
        of_pins = seen.filter(Exists(pins.filter(operation=OuterRef("pk"))))
        ids = list(of_pins.values_list(Coalesce("part_of", "pk"), flat=True)[:LOOKED_AT])
    ids = list(dict.fromkeys(ids))
    shown = ids[:SHOWN]
    found = Operation.objects.in_bulk(shown)
    whole = {WHOLE: Coalesce("operation__part_of", "operation")}
    of_shown = TrainedModel.objects.filter(Q(operation__in=shown) | Q(operation__part_of__in=shown))
    models = of_shown.annotate(**whole).defer("evaluation", "strategy")
    return Uses(
        operations=[found[pk] for pk in shown if pk in found],
        models=list(models),
        num_more=len(ids) - len(shown),
    )


def _started_on(symbol: str, timeframe: str, seen: QuerySet[Operation]) -> list[str]:
    """Of the newest operations, by what they asked for: nothing pins a sample."""
    sources = series_behind(symbol).items()
    keys = {f"{symbol}/{name}" for name, source in sources if source == timeframe}
    asked = seen.values_list(Coalesce("part_of", "pk"), "request__data")[:LOOKED_AT]
    return [pk for pk, data in asked if keys & _names(data)]


def _names(data: Any) -> set[str]:
    """`SYMBOL/timeframe`; an operation of another kind has none."""
    return set(data) if isinstance(data, dict) else set()
