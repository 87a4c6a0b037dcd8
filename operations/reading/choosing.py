"""Pages of operations in any order, with any filters, fast with a million of them.

Either the order's index is walked along until a page is full, which is quick where many fit; or
where the filters leave few, those are gathered and sorted. Each filter is counted first, in its
index, and of several a stride of the order is walked along, as far as that decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from operations import selectors
from operations.labels import TAG, Label
from operations.models import FAMILY, Operation, OperationQuerySet, Status
from operations.operation_types import Figure, figures, label_kinds
from operations.reading import paging
from operations.reading.known import related_to
from operations.reading.paging import Page

CREATED, DURATION = "created_at", "duration"
NEWEST_FIRST = f"-{CREATED}"
COLUMNS = {CREATED: CREATED, DURATION: "seconds"}
"""Of an operation itself, by their names in an address."""
PLACE = "place"

GATHERED = 6_000
"""So many are always gathered: to walk to a page of so few takes longer."""
MOST_GATHERED = 100_000
"""Of what several filters leave, so many of the rarest at most: they are few together."""
STRIDE = 8_000
"""Rows of an order that are walked along to see whether several filters have a page among them."""
PAGE = 50
"""Rows that a walk is judged by."""


NARROWING = (
    *("status", "operation_type", "active", "resumable", "search", "owner", "lineage"),
    *("created_after", "since", "until", "part_of"),
)
"""What of a choice the columns of an operation's row answer, and may leave few."""


@dataclass(frozen=True, kw_only=True)
class Order:
    column: str
    is_falling: bool


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a list is asked for; what is empty asks for nothing."""

    status: str | None = None
    operation_type: str | None = None
    active: bool | None = None
    resumable: bool | None = None
    search: str | None = None
    owner: str | None = None
    """A username; whoever sees their own alone finds nobody else's."""
    lineage: str | None = None
    created_after: datetime | None = None
    since: datetime | None = None
    """Created then or later."""
    until: datetime | None = None
    """Created before."""
    part_of: str | None = None
    """A family, whose parts are listed."""
    parts: bool = False
    """Whether parts stand among the others."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """By kind."""
    ordering: str = NEWEST_FIRST

    @property
    def column(self) -> str:
        return self.ordering.removeprefix("-")

    @property
    def order(self) -> Order:
        column = COLUMNS.get(self.column, self.column)
        return Order(column=column, is_falling=self.ordering.startswith("-"))


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Rows of which each names an operation that fits."""

    rows: QuerySet[Any]
    key: str
    is_counted: bool = True
    """Whether it may leave few."""

    def count(self, limit: int) -> int:
        """As far as `limit` + 1."""
        return self.rows.order_by()[: limit + 1].count()

    def has(self, key: str) -> Exists:
        return Exists(self.rows.filter(**{self.key: OuterRef(key)}))


def choice_of(given: Mapping[str, Any]) -> Choice:
    """Of what an address gives by name, labels among it; what is empty asks for nothing."""
    wanted = {name: value for name, value in given.items() if value not in (None, "")}
    kinds = {TAG, *label_kinds()} & wanted.keys()
    labels = {kind: str(wanted.pop(kind)) for kind in kinds}
    return Choice(labels=labels, **wanted)


def orderings() -> list[str]:
    """Every order of this site's operations."""
    return [f"{sign}{name}" for name in (*COLUMNS, *figures()) for sign in ("-", "")]


def page(
    visible: OperationQuerySet, choice: Choice, *, page_size: int, cursor: str | None = None
) -> Page[Operation]:
    """A page of the chosen ones among those that are visible, without their large columns.

    An order by a figure, or by duration, has those alone that have it. Raises `InvalidInput` for a
    cursor that is none of this list's.
    """
    figure = figures().get(choice.column)
    if figure:
        rows, key = _by_figure(visible, choice, figure), "operation_id"
    else:
        rows, key = _by_column(visible, choice), "pk"
    found = paging.page(
        rows, ordering=choice.ordering, by=PLACE, tie=key, page_size=page_size, cursor=cursor
    )
    return replace(found, rows=whole([getattr(row, key) for row in found.rows], visible))


def chosen(visible: OperationQuerySet, choice: Choice) -> QuerySet[Operation]:
    """All of them, in no order."""
    found = _of_row(visible, choice)
    return found.filter(*(each.has("pk") for each in labelled(choice.labels)))


def labelled(labels: Mapping[str, object]) -> list[Filter]:
    """A filter for each kind whose value is given."""
    return [
        Filter(rows=Label.objects.filter(kind=kind, value=str(value)), key="operation_id")
        for kind, value in labels.items()
        if value not in (None, "")
    ]


def placed(
    rows: QuerySet[Any], order: Order, filters: Sequence[Filter], *, key: str
) -> QuerySet[Any]:
    """The rows that fit, with what they are sorted by as `PLACE`."""
    walked = _walked(rows, order, filters, key=key)
    fewest = _to_gather(rows, walked, order, filters)
    return walked if fewest is None else _gathered(rows, order, filters, fewest, key=key)


def _walked(
    rows: QuerySet[Any], order: Order, filters: Sequence[Filter], *, key: str
) -> QuerySet[Any]:
    found: QuerySet[Any] = rows.annotate(**{PLACE: F(order.column)})
    return found.filter(*(each.has(key) for each in filters), **{f"{PLACE}__isnull": False})


def _gathered(
    rows: QuerySet[Any], order: Order, filters: Sequence[Filter], fewest: Filter, *, key: str
) -> QuerySet[Any]:
    """The others are asked of each of the fewest before its row is read."""
    others = (each.has(fewest.key) for each in filters if each is not fewest)
    ids = fewest.rows.filter(*others).order_by().values(fewest.key)
    # A function of the column, so that no database walks along its index.
    place = Coalesce(F(order.column), F(order.column))
    found: QuerySet[Any] = rows.annotate(**{PLACE: place})
    return found.filter(**{f"{key}__in": ids, f"{PLACE}__isnull": False})


def _to_gather(
    rows: QuerySet[Any], walked: QuerySet[Any], order: Order, filters: Sequence[Filter]
) -> Filter | None:
    """The filter that leaves so few that gathering them is quicker than a walk."""
    counted = [each for each in filters if each.is_counted]
    few = _fewest(counted, GATHERED)
    if few is not None or len(counted) < 2 or _has_page(rows, walked, order):
        return few
    return _fewest(counted, MOST_GATHERED)


def _fewest(filters: Sequence[Filter], limit: int) -> Filter | None:
    fewest = None
    for each in filters:
        if (count := each.count(limit)) <= limit:
            fewest, limit = each, count
    return fewest


def _has_page(rows: QuerySet[Any], walked: QuerySet[Any], order: Order) -> bool:
    """Whether the first `STRIDE` rows of the order have a page that fits."""
    by, beyond = (f"-{order.column}", "gt") if order.is_falling else (order.column, "lt")
    known = rows.filter(**{f"{order.column}__isnull": False}).order_by(by)
    end = known.values_list(order.column, flat=True)[STRIDE : STRIDE + 1].first()
    if end is None:
        return False
    first = walked.filter(**{f"{order.column}__{beyond}": end}).order_by(by)
    return first[:PAGE].count() == PAGE


def _by_column(visible: OperationQuerySet, choice: Choice) -> QuerySet[Any]:
    own, filters, order = _own(visible, choice), labelled(choice.labels), choice.order
    every, both = Operation.objects.only("pk"), [*filters, own]
    by_time = choice.column == CREATED
    if not by_time and choice.status is None:
        return placed(every, order, both, key="pk")
    # What owner, status or dates leave is walked along alone: their indexes are by time, and that
    # of a status by duration, too.
    walked = _walked(own.rows.only("pk"), order, filters, key="pk")
    if by_time and (not filters or (own.is_counted and own.count(GATHERED) <= GATHERED)):
        return walked
    along = own.rows if by_time else every.filter(FAMILY, status=choice.status)
    fewest = _to_gather(along, walked, order, filters if by_time else both)
    return walked if fewest is None else _gathered(every, order, both, fewest, key="pk")


def _by_figure(visible: OperationQuerySet, choice: Choice, figure: Figure) -> QuerySet[Any]:
    """Rows of whoever has the figures: of operations that have completed."""
    rows: QuerySet[Any] = related_to(figure)._default_manager.only("operation_id")
    is_ended = choice.status in (None, Status.COMPLETED)
    if not is_ended or choice.active or choice.resumable:
        rows = rows.none()
    own = replace(choice, status=None, active=None, resumable=None)
    filters = [*labelled(choice.labels), _own(visible, own)]
    return placed(rows, replace(choice.order, column=figure.column), filters, key="operation_id")


def _own(visible: OperationQuerySet, choice: Choice) -> Filter:
    """Of the operations' own columns; that they are no parts of others leaves nearly all."""
    asked = any(getattr(choice, name) is not None for name in NARROWING)
    is_counted = asked or bool(visible.query.has_filters())
    return Filter(rows=_of_row(visible, choice), key="pk", is_counted=is_counted)


def _of_row(visible: OperationQuerySet, choice: Choice) -> OperationQuerySet:
    """Those whose own columns fit."""
    return selectors.matching(
        visible,
        status=choice.status,
        operation_type=choice.operation_type,
        active=choice.active,
        resumable=choice.resumable,
        search=choice.search,
        owner=choice.owner,
        lineage=choice.lineage,
        created_after=choice.created_after,
        since=choice.since,
        until=choice.until,
        part_of=choice.part_of,
        parts=choice.parts,
    )


def whole(ids: Iterable[str], among: QuerySet[Operation]) -> list[Operation]:
    """In this order, without large columns; and without what is not, or no longer, there."""
    rows = among.select_related("owner").defer("request", "pinned", "result")
    found = rows.in_bulk(list(ids))
    return [found[pk] for pk in ids if pk in found]
