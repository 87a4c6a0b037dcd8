"""How long something took, as a database computes it for a generated column."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import FloatField, Func
from django.db.models.sql.compiler import SQLCompiler

OF_SQLITE = "ROUND((JULIANDAY({end}) - JULIANDAY({begin})) * 86400, 3)"
"""It keeps times as text; its Julian days tell milliseconds apart."""
OF_POSTGRESQL = "CAST(EXTRACT(EPOCH FROM {end} - {begin}) AS double precision)"


class Lasting(Func):
    """Seconds from the first time to the second; null where one of them is."""

    arity = 2
    output_field = FloatField(null=True)

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        begin, end = (compiler.compile(each)[0] for each in self.get_source_expressions())
        written = OF_SQLITE if connection.vendor == "sqlite" else OF_POSTGRESQL
        return written.format(begin=begin, end=end), ()
