"""Which models a list shows, and in which order: the same for pages and API. Free of torch.

An order by a figure shows the models that have it; by a time, every one.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from operations import selectors
from operations.labels import TAG
from operations.models import Operation
from operations.places import Place, microseconds
from operations.reading import paging
from operations.reading.choosing import CREATED, NEWEST_FIRST, Viewer, owners
from operations.reading.paging import Page
from operations.reading.walking import PLACE, Wanted, narrowed, walk
from training.models import PLACES, SORTED_BY, TrainedModel
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
    viewer: Viewer | None,
    choice: Choice,
    *,
    page_size: int,
    cursor: str | None = None,
) -> Page[TrainedModel]:
    """Of the models that a viewer may see, without their curves; None sees all.

    Raises `InvalidInput` for a cursor that is none of this list's.
    """
    found = paging.page(
        _placed(viewer, choice),
        ordering=choice.ordering,
        by=PLACE,
        tie="operation_id",
        page_size=page_size,
        cursor=cursor,
    )
    ids = [row.operation_id for row in found.rows]  # which the viewer may see
    rows = stored_models.annotated(TrainedModel.objects.all()).annotate(
        buy_and_hold=F("evaluation__buy_and_hold")
    )
    models = rows.defer("evaluation").filter(operation__in=ids)
    whole: dict[str, TrainedModel] = {model.operation_id: model for model in models}
    shown = [whole[pk] for pk in ids if pk in whole]
    return Page(rows=shown, next=found.next, previous=found.previous)


def _placed(viewer: Viewer | None, choice: Choice) -> QuerySet[Place]:
    column = PLACES[choice.ordering.removeprefix("-")]
    labels = {kind: getattr(choice, kind) for kind in KINDS}
    words = [(kind, str(value)) for kind, value in labels.items() if value not in ("", None)]
    # What was trained before a time had been created by then.
    wanted = Wanted(words=[*words, *owners(viewer, choice.owner or None)], until=choice.until)
    rows, made = walk(column, wanted), PLACES[CREATED]
    if choice.until:
        rows = rows.filter(**{f"{made}__lt": microseconds(choice.until)})
    if choice.since:
        rows = rows.filter(**{f"{made}__gte": microseconds(choice.since)})
    if not choice.search:
        return rows
    found = selectors.matching(Operation.objects.all(), search=choice.search, parts=True)
    return narrowed(rows, column, found)
