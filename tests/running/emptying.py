"""How the database becomes empty after a test that commits: its rows are deleted, in milliseconds.

Django's own flush truncates every table and makes all permissions anew, in half a second. What
migrations made, the content types and the permissions, stays here as it is. Numbers of rows go on:
a web process that listens to events through several tests takes low ones for those it knows.
"""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.test import TransactionTestCase

MADE_BY_MIGRATIONS = {"django_content_type", "auth_permission"}


@pytest.fixture(scope="session", autouse=True)
def rows_are_deleted() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _fixture_teardown)
        yield


def _fixture_teardown(test_case: TransactionTestCase) -> None:
    delete_rows()


def delete_rows(using: str = DEFAULT_DB_ALIAS) -> None:
    """Of every table, in one transaction: its end is when foreign keys are looked at."""
    connection = connections[using]
    with transaction.atomic(using), connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # then they are not looked at, row by row, at all
            cursor.execute("SET LOCAL session_replication_role = replica")
        for table in _tables():
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


def _tables() -> list[str]:
    models = apps.get_models(include_auto_created=True)
    tables = {model._meta.db_table for model in models if model._meta.managed}
    return sorted(tables - MADE_BY_MIGRATIONS)
