"""Rows that every step of an operation writes, as Django would, with SQL that is written once.

No signal is sent, and nothing is done of what a field does when its model is saved.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection, models
from django.db.models.functions import Now
from django.db.models.sql import Query

MOST_AT_ONCE = 500
"""Rows of one statement: SQLite has room for 32,766 values."""

Values = Mapping[str, Any]
"""By the names of columns, as in `operation_id`."""


def insert(model: type[models.Model], /, **values: Any) -> None:
    """One row. What is left out has its default."""
    insert_each(model, [values])


def insert_each(
    model: type[models.Model], rows: Sequence[Values], *, ignore_conflicts: bool = False
) -> None:
    """Rows of the same columns; where conflicts are ignored, what is there is left alone."""
    for first in range(0, len(rows), MOST_AT_ONCE):
        some = rows[first : first + MOST_AT_ONCE]
        sql = _insertion(connection.vendor, model, tuple(some[0]), len(some), ignore_conflicts)
        with connection.cursor() as cursor:
            cursor.execute(sql, [value for row in some for value in _inserted(model, row)])


def insert_one(model: type[models.Model], returned: Iterable[str], /, **values: Any) -> Any:
    """As `insert`; the row as its model, with these columns that the database has given it."""
    fields = [_field(model, name) for name in returned]
    sql = _insertion(connection.vendor, model, tuple(values), 1, False)
    names = ", ".join(_quoted(field) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING {names}", list(_inserted(model, values)))
        found = cursor.fetchone()
    given = {field.attname: _read(field, value) for field, value in zip(fields, found, strict=True)}
    row = model(**values, **given)
    row._state.adding, row._state.db = False, connection.alias
    return row


def update(model: type[models.Model], where: Values, /, **values: Any) -> int:
    """How many rows it changed, of those whose columns are `where` (None: null). A value may be
    `Now()`."""
    is_now = tuple(isinstance(value, Now) for value in values.values())
    is_null = tuple(value is None for value in where.values())
    sql = _change(connection.vendor, model, tuple(values), is_now, tuple(where), is_null)
    bound = [
        *(item for item, now in zip(values.items(), is_now, strict=True) if not now),
        *(item for item, null in zip(where.items(), is_null, strict=True) if not null),
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, [_bound(_field(model, name), value) for name, value in bound])
        return int(cursor.rowcount)


@cache
def _insertion(
    vendor: str, model: type[models.Model], given: tuple[str, ...], count: int, ignored: bool
) -> str:
    fields = [_field(model, name) for name in given] + _others(model, given)
    row = f"({', '.join(['%s'] * len(fields))})"
    names = ", ".join(_quoted(field) for field in fields)
    rows = ", ".join([row] * count)
    after = " ON CONFLICT DO NOTHING" if ignored else ""
    return f"INSERT INTO {_table(model)} ({names}) VALUES {rows}{after}"  # noqa: S608  # names of columns


@cache
def _change(
    vendor: str,
    model: type[models.Model],
    changed: tuple[str, ...],
    is_now: tuple[bool, ...],
    where: tuple[str, ...],
    is_null: tuple[bool, ...],
) -> str:
    compiler = Query(model).get_compiler(connection=connection)
    now, _ = compiler.compile(Now())
    values = [
        f"{_quoted(_field(model, name))} = {now if each else '%s'}"
        for name, each in zip(changed, is_now, strict=True)
    ]
    conditions = [
        f"{_quoted(_field(model, name))} {'IS NULL' if each else '= %s'}"
        for name, each in zip(where, is_null, strict=True)
    ]
    return f"UPDATE {_table(model)} SET {', '.join(values)} WHERE {' AND '.join(conditions)}"  # noqa: S608


def _inserted(model: type[models.Model], values: Values) -> Iterable[Any]:
    for name, value in values.items():
        yield _bound(_field(model, name), value)
    for field in _others(model, tuple(values)):
        yield _bound(field, field.get_default())


@cache
def _others(model: type[models.Model], given: tuple[str, ...]) -> list[Any]:
    """Fields with a default of the model's: the database has its own."""
    return [
        field
        for field in model._meta.concrete_fields
        if field.attname not in given
        and not (field.primary_key or field.generated or field.has_db_default())
    ]


def _bound(field: Any, value: Any) -> Any:
    return field.get_db_prep_save(value, connection)


def _read(field: Any, value: Any) -> Any:
    column = field.cached_col
    converters = connection.ops.get_db_converters(column) + field.get_db_converters(connection)
    for convert in converters:
        value = convert(value, column, connection)
    return value


@cache
def _field(model: type[models.Model], name: str) -> Any:
    return next(each for each in model._meta.concrete_fields if each.attname == name)


def _quoted(field: Any) -> str:
    return connection.ops.quote_name(field.column)


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
