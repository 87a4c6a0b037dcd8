"""Queries that every step of an operation asks: Django writes their SQL once.

To build and compile one takes Django three times as long as to ask it.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.models.sql import UpdateQuery
from django.db.transaction import TransactionManagementError


class Prepared:
    """A query of columns, of which only values are bound anew: texts, whole numbers and JSON."""

    def __init__(
        self,
        make: Callable[..., models.QuerySet[Any, Any]],
        /,
        *,
        changes: Callable[..., dict[str, Any]] | None = None,
        returning: Sequence[str] = (),
        **like: Any,
    ) -> None:
        """`make` has the query of the values that it is called with; `like` are such values, each
        found nowhere else in its SQL. `changes` of them make an UPDATE of it, as in `update`, and
        `returning` names the columns that `changed` has."""
        self._make = make
        self._changes = changes
        self._returning = returning
        self._like = like
        self._written: dict[str, _Written] = {}

    def row(self, **values: Any) -> Any:
        """The first one as a tuple; None without any."""
        with connection.cursor() as cursor:
            written = self._executed(cursor, values)
            row = cursor.fetchone()
        return None if row is None else written.converted(row)

    def model(self, **values: Any) -> Any:
        """The first one as its model has it, with the columns that were asked for; or None."""
        rows = self.models(**values)
        return rows[0] if rows else None

    def models(self, **values: Any) -> list[Any]:
        """Each as its model has it."""
        with connection.cursor() as cursor:
            written = self._executed(cursor, values)
            rows = cursor.fetchall()
        make = written.model.from_db
        return [make(connection.alias, written.names, written.converted(row)) for row in rows]

    def update(self, **values: Any) -> int:
        """How many rows it changed."""
        with connection.cursor() as cursor:
            self._executed(cursor, values)
            return int(cursor.rowcount)

    def changed(self, **values: Any) -> Any:
        """The row that it changed, with the columns that it returns, as its model has it; or None.

        Of a query that finds one row at most."""
        return self.model(**values)

    def _executed(self, cursor: Any, values: dict[str, Any]) -> "_Written":
        if (written := self._written.get(connection.vendor)) is None:
            written = self._written[connection.vendor] = self._write()
        if written.locks and connection.get_autocommit():
            raise TransactionManagementError("a row is locked in a transaction alone")
        cursor.execute(written.sql, written.bound(values))
        return written

    def _write(self) -> "_Written":
        query: Any = self._make(**self._like).query
        if self._changes is not None:
            query = query.chain(UpdateQuery)
            query.clear_ordering(force=True)
            query.add_update_values(self._changes(**self._like))
        compiler = query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        places = [self._place(value) for value in params]
        if missing := self._like.keys() - {
            each.name for each in places if isinstance(each, _Place)
        }:
            raise ValueError(f"the query has no place for {', '.join(sorted(missing))}")
        if self._changes is None:
            columns = [column for column, _, _ in compiler.select]
        else:
            fields = query.model._meta.concrete_fields
            columns = [each.cached_col for each in fields if each.attname in self._returning]
        if self._changes is not None and columns:
            names = (connection.ops.quote_name(column.target.column) for column in columns)
            sql = f"{sql} RETURNING {', '.join(names)}"
        return _Written(
            sql=sql,
            places=places,
            model=query.model,
            names=[column.target.attname for column in columns if hasattr(column, "target")],
            converters=list(compiler.get_converters(columns).items()),
            locks=query.select_for_update,
        )

    def _place(self, value: Any) -> Any:
        """The value itself, where it is none of those that are bound."""
        for name, like in self._like.items():
            if isinstance(like, dict):
                if value == json.dumps(like) or getattr(value, "obj", None) == like:
                    return _Place(name, _as_json)
            elif isinstance(value, type(like)) and value == like:
                return _Place(name, type(value))
        return value


@dataclass(frozen=True)
class _Place:
    """Where a value comes."""

    name: str
    kind: Callable[[Any], Any]
    """As the database's adapter wants it: psycopg's `Int4` of a column of 32 bits."""


@dataclass(frozen=True, kw_only=True)
class _Written:
    """A query as one kind of database is asked it."""

    sql: str
    places: list[Any]
    model: type[models.Model]
    names: list[str]
    """Of its columns."""
    converters: list[Any]
    """By the place of a column: from what the database's adapter gives to what Python has."""
    locks: bool

    def bound(self, values: dict[str, Any]) -> list[Any]:
        return [
            place.kind(values[place.name]) if isinstance(place, _Place) else place
            for place in self.places
        ]

    def converted(self, row: Any) -> Any:
        if not self.converters:
            return row
        columns = list(row)
        for place, (converters, column) in self.converters:
            for convert in converters:
                columns[place] = convert(columns[place], column, connection)
        return tuple(columns)


def _as_json(value: Any) -> Any:
    return connection.ops.adapt_json_value(value, None)
