"""Which models a list shows, and in which order: the same for pages and API. Free of torch.

An order by a figure shows the models that have it; by a time, every one.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import F, Q, QuerySet

from operations import selectors
from operations.labels import TAG
from operations.reading import paging
from operations.reading.choosing import (
    CREATED,
    NEWEST_FIRST,
    PLACE,
    Filter,
    Order,
    labelled,
    placed,
)
from operations.reading.paging import Page
from training.models import SORTED_BY, TrainedModel
from training.trained import stored_models

KINDS = ("strategy", "network", "seed", "symbol", "timeframe", TAG)
"""Of labels."""
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
    tag: str = ""
    owner: str = ""
    """A username; whoever sees their own alone finds nobody else's."""
    since: datetime | None = None
    until: datetime | None = None
    ordering: str = NEWEST_FIRST


def page(
    user: AbstractBaseUser | AnonymousUser,
    choice: Choice,
    *,
    page_size: int,
    cursor: str | None = None,
) -> Page[TrainedModel]:
    """Of the models that a user may see, without their curves.

    Raises `InvalidInput` for a cursor that is none of this list's.
    """
    found = paging.page(
        _placed(user, choice),
        ordering=choice.ordering,
        by=PLACE,
        tie="operation_id",
        page_size=page_size,
        cursor=cursor,
    )
    ids = [row.pk for row in found.rows]  # which the user may see
    rows = stored_models.annotated(TrainedModel.objects.all()).annotate(
        buy_and_hold=F("evaluation__buy_and_hold")
    )
    whole = rows.defer("evaluation").in_bulk(ids)
    return replace(found, rows=[whole[pk] for pk in ids if pk in whole])


def _placed(user: AbstractBaseUser | AnonymousUser, choice: Choice) -> QuerySet[TrainedModel]:
    column = choice.ordering.removeprefix("-")
    models = TrainedModel.objects.only("operation_id")
    if choice.search:
        named = Q(name__icontains=choice.search)
        models = models.filter(named | Q(operation__pk__startswith=choice.search))
    filters = labelled({kind: getattr(choice, kind) for kind in KINDS})
    owned = selectors.matching(selectors.visible_to(user), owner=choice.owner or None, parts=True)
    if owned.query.has_filters():
        filters.append(Filter(rows=owned, key="pk"))
    made = {"created_at__gte": choice.since, "created_at__lt": choice.until}
    bounds = {name: value for name, value in made.items() if value is not None}
    if column == CREATED:
        models = models.filter(**bounds)
    elif bounds:
        filters.append(Filter(rows=TrainedModel.objects.filter(**bounds), key="operation_id"))
    order = Order(column=column, is_falling=choice.ordering.startswith("-"))
    return placed(models, order, filters, key="operation_id")
