"""Which models a list shows, and in which order: the same for pages and API. Free of torch.

An order by a figure shows the models that have it; by a time, every one.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from training.models import SORTED_BY, Label, LabelKind, TrainedModel

CREATED = "created_at"
NEWEST_FIRST = "-created_at"
SORTS = {
    CREATED: "Trained",
    "net_return": "Net return",
    "sharpe": "Sharpe ratio",
    "max_drawdown": "Drawdown",
    "accuracy": "Accuracy",
    "val_loss": "Validation loss",
    "best_epoch": "Best epoch",
    "test_first_time": "Start of the test",
}
"""Columns by which a list is sorted, in words."""
ORDERINGS = tuple(f"{sign}{name}" for name in SORTS for sign in ("-", ""))
assert set(SORTS) == {CREATED, *SORTED_BY}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What an address asks for; what is empty asks for nothing."""

    search: str = ""
    """A part of a name, or the beginning of an operation's id."""
    strategy: str = ""
    network: str = ""
    seed: int | None = None
    symbol: str = ""
    timeframe: str = ""
    owner: str = ""
    """A username; whoever sees their own alone finds nobody else's."""
    since: datetime | None = None
    until: datetime | None = None
    ordering: str = NEWEST_FIRST


def choose(models: QuerySet[TrainedModel], choice: Choice) -> QuerySet[TrainedModel]:
    """Unordered: `paging.page` orders."""
    column = choice.ordering.removeprefix("-")
    chosen = models.filter(_of_row(choice))
    if column != CREATED:
        chosen = chosen.filter(**{f"{column}__isnull": False})
    for kind, value in ((LabelKind.SYMBOL, choice.symbol), (LabelKind.TIMEFRAME, choice.timeframe)):
        if value:
            chosen = chosen.filter(_labelled(kind, value))
    return chosen


def _of_row(choice: Choice) -> Q:
    fits = Q()
    if choice.search:
        fits &= Q(name__icontains=choice.search) | Q(operation__id__startswith=choice.search)
    wanted = {
        "strategy_name": choice.strategy or None,
        "network": choice.network or None,
        "seed": choice.seed,
        "operation__owner__username": choice.owner or None,
        "created_at__gte": choice.since,
        "created_at__lt": choice.until,
    }
    return fits & Q(**{name: value for name, value in wanted.items() if value is not None})


def _labelled(kind: LabelKind, value: str) -> Exists:
    found = Label.objects.filter(operation=OuterRef("operation_id"), kind=kind, value=value)
    return Exists(found)
