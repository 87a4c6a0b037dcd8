"""Pages of a table that grows while it is read: by position, never by offset or count.

A cursor is signed, so whatever comes back from a client is one of ours, or refused.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import DateTimeField, Func, Model, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.db.models.sql.compiler import SQLCompiler

from operations.errors import InvalidInput

M = TypeVar("M", bound=Model)

SALT = "operations.paging"


@dataclass(frozen=True, kw_only=True)
class Page(Generic[M]):
    rows: list[M]
    next: str | None
    """Cursor of the page after this one."""
    previous: str | None


@dataclass(frozen=True, kw_only=True)
class _Position:
    """Between which rows a page begins, and which way it goes from there."""

    ordering: str
    backwards: bool
    value: datetime | float
    pk: str | int


@dataclass(frozen=True, kw_only=True)
class _Column:
    ordering: str
    by: str
    """Its name in the rows."""
    tie: str


def page(
    rows: QuerySet[M],
    *,
    ordering: str,
    page_size: int,
    cursor: str | None = None,
    by: str = "",
    tie: str = "pk",
) -> Page[M]:
    """A page of rows by a time or number that never changes and every row has (`created_at`, or
    `-created_at`), then by id, or another column that is unique.

    `by`: what the order's column is called in `rows`, where it is not by its name.

    Raises `InvalidInput` for a cursor that is not one, or is of another list or ordering.
    """
    start = _read(cursor, rows.model._meta.label_lower, ordering) if cursor else None
    backwards = start is not None and start.backwards
    column = _Column(ordering=ordering, by=by or ordering.removeprefix("-"), tie=tie)
    found = list(_from(rows, column, start)[: page_size + 1])
    shown, more = found[:page_size], len(found) > page_size
    if backwards:
        shown.reverse()
    has_next, has_previous = (True, more) if backwards else (more, start is not None)
    return Page(
        rows=shown,
        next=_cursor(shown[-1], column, backwards=False) if shown and has_next else None,
        previous=_cursor(shown[0], column, backwards=True) if shown and has_previous else None,
    )


def _from(rows: QuerySet[M], column: _Column, start: _Position | None) -> QuerySet[M]:
    descending = column.ordering.startswith("-") != (start is not None and start.backwards)
    sign, beyond = ("-", "lt") if descending else ("", "gt")
    ordered = rows.order_by(f"{sign}{column.by}", f"{sign}{column.tie}")
    if start is None:
        return ordered
    value = _value_of(rows, column, start)
    # The outer bound alone lets the index find the place; the inner one settles equal times.
    return ordered.filter(**{f"{column.by}__{beyond}e": value}).filter(
        Q(**{f"{column.by}__{beyond}": value}) | Q(**{f"{column.tie}__{beyond}": start.pk})
    )


def _value_of(rows: QuerySet[M], column: _Column, start: _Position) -> Combinable | float:
    """A time as stored where the row is still there, else as the database's clock writes it."""
    if not isinstance(start.value, datetime):
        return start.value
    stored = rows.model._default_manager.filter(**{column.tie: start.pk})
    name = column.ordering.removeprefix("-")
    return Coalesce(Subquery(stored.values(name)), _AsClockWrites(Value(start.value)))


class _AsClockWrites(Func):
    """SQLite keeps times as text, and compares them as text: its own clock writes three digits of
    a second where Python writes six, or none."""

    template = "%(expressions)s"
    output_field = DateTimeField()

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> tuple[str, Any]:
        clock = "STRFTIME('%%%%Y-%%%%m-%%%%d %%%%H:%%%%M:%%%%f', %(expressions)s)"
        return super().as_sql(compiler, connection, template=clock, **context)


def _cursor(row: M, column: _Column, *, backwards: bool) -> str:
    value: datetime | float = getattr(row, column.by)
    told = value.isoformat() if isinstance(value, datetime) else value
    position = [column.ordering, backwards, told, getattr(row, column.tie)]
    return signing.dumps(position, salt=f"{SALT}.{row._meta.label_lower}")


def _read(cursor: str, model: str, ordering: str) -> _Position:
    try:
        by, backwards, value, pk = signing.loads(cursor, salt=f"{SALT}.{model}")
    except signing.BadSignature as error:
        raise InvalidInput(reason="This cursor is not one of this list's pages.") from error
    if by != ordering:
        raise InvalidInput(reason=f"This cursor belongs to a list ordered by {by}.")
    place = datetime.fromisoformat(value) if isinstance(value, str) else value
    return _Position(ordering=by, backwards=backwards, value=place, pk=pk)
