"""Pages of operations in any order, with any filters, fast with a million of them.

The newest first, of all or of one owner, status or type, are read along indexes of their own rows;
everything else along the lists' own: see `walking`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet

from operations import places, selectors
from operations.labels import TAG
from operations.models import LIVE, Operation, OperationQuerySet, Status
from operations.operation_types import figures, label_kinds
from operations.places import FAMILY, OWNER, Place
from operations.reading import paging
from operations.reading.paging import Page
from operations.reading.walking import PLACE, Wanted, Word, narrowed, walk

CREATED, DURATION = "created_at", "duration"
NEWEST_FIRST = f"-{CREATED}"
COLUMNS = {CREATED: "created", DURATION: "seconds"}
"""Of an operation's places, by their names in an address."""

Viewer = AbstractBaseUser | AnonymousUser
"""Whoever sees what they may; None sees all."""

ALWAYS_OF_ROW = ("operation_type", "resumable", "search", "lineage", "part_of")
OF_ROW = (*ALWAYS_OF_ROW, "status", "active")
"""What of a choice an operation's row alone can answer; the last two of what may not have ended."""


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
    def begins(self) -> datetime | None:
        """Created then or later, of both bounds."""
        after = self.created_after and self.created_after + timedelta(microseconds=1)
        return max((each for each in (after, self.since) if each), default=None)


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
    viewer: Viewer | None, choice: Choice, *, page_size: int, cursor: str | None = None
) -> Page[Operation]:
    """A page of the chosen ones among those that are visible, without their large columns.

    An order by a figure, or by duration, has those alone that have it. Raises `InvalidInput` for a
    cursor that is none of this list's.
    """
    visible, is_of_rows = _visible(viewer), _is_of_rows(viewer, choice)
    rows: QuerySet[Any] = _of_row(visible, choice) if is_of_rows else _placed(viewer, choice)
    key = "pk" if is_of_rows else "operation_id"
    told = (key, CREATED) if is_of_rows else (key,)  # by which a cursor says where a page ends
    found = paging.page(
        rows.only(*told),
        ordering=choice.ordering,
        by=CREATED if is_of_rows else PLACE,
        tie=key,
        page_size=page_size,
        cursor=cursor,
    )
    return replace(found, rows=whole([getattr(row, key) for row in found.rows], visible))


def chosen(visible: OperationQuerySet, choice: Choice) -> QuerySet[Operation]:
    """All of them, in no order."""
    found = _of_row(visible, choice)
    for label in choice.labels.items():
        having = Place.objects.filter(operation=OuterRef("pk"), word=places.word(*label))
        found = found.filter(Exists(having))
    return found


def owners(viewer: Viewer | None, username: str | None) -> list[Word]:
    """The words of who has what a viewer sees, and of whose alone is asked for."""
    ids: set[int] = set()
    if viewer is not None and not selectors.sees_all(viewer):
        ids.add(viewer.pk or 0)  # nobody's
    if username is not None:
        ids.add(selectors.id_of_user(username))
    return [(OWNER, str(pk)) for pk in sorted(ids)]


def _visible(viewer: Viewer | None) -> OperationQuerySet:
    return Operation.objects.all() if viewer is None else selectors.visible_to(viewer)


def _is_of_rows(viewer: Viewer | None, choice: Choice) -> bool:
    """Whether an index of the operations' own rows has them in their order."""
    if choice.column != CREATED or choice.labels:
        return False
    return not owners(viewer, choice.owner) or choice.status not in places.ENDED


def _placed(viewer: Viewer | None, choice: Choice) -> QuerySet[Place]:
    figure = figures().get(choice.column)
    column = figure.place if figure else COLUMNS[choice.column]
    words = [*choice.labels.items(), *owners(viewer, choice.owner)]
    wanted = Wanted(words=words, traits=_traits(choice), since=choice.begins, until=choice.until)
    rows, own = walk(column, wanted), _of_row_alone(choice)
    if _is_of_none(choice):
        return rows.none()
    if all(getattr(own, name) is None for name in OF_ROW):
        return rows
    return narrowed(rows, column, _of_row(Operation.objects.all(), own))


def _is_of_none(choice: Choice) -> bool:
    """Whether it asks for what has not ended by what is known at the end; of figures, completed."""
    if choice.column == CREATED:
        return False
    if choice.active or choice.status in LIVE:
        return True
    is_completed = choice.status in (None, Status.COMPLETED) and not choice.resumable
    return choice.column != DURATION and not is_completed


def _traits(choice: Choice) -> int:
    family = 0 if choice.parts or choice.part_of else FAMILY
    return family | places.ENDED.get(choice.status or "", 0)


def _of_row_alone(choice: Choice) -> Choice:
    """What no place tells. What has a figure or a duration has ended."""
    is_told = choice.column != CREATED
    return Choice(
        **{name: getattr(choice, name) for name in ALWAYS_OF_ROW},
        status=None if is_told or choice.status in places.ENDED else choice.status,
        active=None if is_told else choice.active,
        parts=choice.parts,
    )


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
