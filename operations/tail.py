"""The end of an operation's id: what a person can type of it."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, F, Func, Q
from django.db.models.lookups import Exact
from django.db.models.sql.compiler import SQLCompiler

LENGTH = 8


class Tail(Func):
    """Its letters. How many is written out: an index serves a query that says the same."""

    arity = 1
    output_field = CharField()

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        (column,) = (compiler.compile(each)[0] for each in self.get_source_expressions())
        is_sqlite = connection.vendor == "sqlite"
        return f"SUBSTR({column}, -{LENGTH})" if is_sqlite else f"RIGHT({column}, {LENGTH})", ()


def ends_with(end: str) -> Q:
    """Of operations. A shorter end is of too many, and finds none."""
    whole = Q(Exact(Tail(F("id")), end[-LENGTH:]))
    return whole & Q(pk__endswith=end) if len(end) > LENGTH else whole
