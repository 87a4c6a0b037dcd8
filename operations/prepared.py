"""Queries that every step of an operation asks: Django writes their SQL once.

To build and compile one takes Django three times as long as to ask it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.models.sql import UpdateQuery


class Prepared:
    """A query of plain columns, texts and whole numbers, of which only values are bound anew."""

    def __init__(
        self,
        make: Callable[..., models.QuerySet[Any, Any]],
        /,
        *,
        changes: Callable[..., dict[str, Any]] | None = None,
        **like: Any,
    ) -> None:
        """`make` has the query of the values that it is called with; `like` are such values, each
        found nowhere else in its SQL. `changes` of them make an UPDATE of it, as in `update`."""
        self._make = make
        self._changes = changes
        self._like = like
        self._written: dict[str, tuple[str, list[Any]]] = {}

    def row(self, **values: Any) -> Any:
        """The first one as a tuple; None without any."""
        with connection.cursor() as cursor:
            cursor.execute(*self._bound(values))
            return cursor.fetchone()

    def update(self, **values: Any) -> int:
        """How many rows it changed."""
        with connection.cursor() as cursor:
            cursor.execute(*self._bound(values))
            return int(cursor.rowcount)

    def _bound(self, values: dict[str, Any]) -> tuple[str, list[Any]]:
        if (written := self._written.get(connection.vendor)) is None:
            written = self._written[connection.vendor] = self._write()
        sql, places = written
        return sql, [
            place.kind(values[place.name]) if isinstance(place, _Place) else place
            for place in places
        ]

    def _write(self) -> tuple[str, list[Any]]:
        query: Any = self._make(**self._like).query
        if self._changes is not None:
            query = query.chain(UpdateQuery)
            query.clear_ordering(force=True)
            query.add_update_values(self._changes(**self._like))
        sql, params = query.get_compiler(connection=connection).as_sql()
        places = [self._place(value) for value in params]
        if missing := self._like.keys() - {
            each.name for each in places if isinstance(each, _Place)
        }:
            raise ValueError(f"the query has no place for {', '.join(sorted(missing))}")
        return sql, places

    def _place(self, value: Any) -> Any:
        """The value itself, where it is none of those that are bound."""
        for name, like in self._like.items():
            if isinstance(value, type(like)) and value == like:
                return _Place(name, type(value))
        return value


@dataclass(frozen=True)
class _Place:
    """Where a value comes."""

    name: str
    kind: Callable[[Any], Any]
    """As the database's adapter wants it: psycopg's `Int4` of a column of 32 bits."""
