"""Which operations and models use a series."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from operations import selectors
from operations.models import Operation
from training.market_data.catalog import series_behind
from training.models import TrainedModel

LOOKED_AT = 500
"""Of the operations that a user may see, the newest: a page looks at no more."""
SHOWN = 20


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
        of = {model.operation_id: model for model in self.models}
        return [(operation, of.get(operation.pk)) for operation in self.operations]


def uses_of(symbol: str, timeframe: str, user: AbstractBaseUser | AnonymousUser) -> Uses:
    """Those that were started on the series, or on what is resampled from it today."""
    sources = series_behind(symbol).items()
    keys = {f"{symbol}/{name}" for name, source in sources if source == timeframe}
    seen = selectors.visible_to(user).order_by("-created_at", "-id")
    asked = seen.values_list("pk", "request__data")[:LOOKED_AT]
    ids = [pk for pk, data in asked if keys & _names(data)]
    shown = ids[:SHOWN]
    found = Operation.objects.in_bulk(shown)
    models = TrainedModel.objects.filter(operation__in=shown).defer("evaluation", "strategy")
    return Uses(
        operations=[found[pk] for pk in shown if pk in found],
        models=list(models),
        num_more=len(ids) - len(shown),
    )


def _names(data: Any) -> set[str]:
    """`SYMBOL/timeframe`; an operation of another kind has none."""
    return set(data) if isinstance(data, dict) else set()
