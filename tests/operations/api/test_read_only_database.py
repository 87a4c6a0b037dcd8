"""A PostgreSQL that only reads, as after a failover, answers whoever only reads."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from operations.access import tokens
from tests.running.servers import ON_SQLITE

pytestmark = [
    pytest.mark.skipif(ON_SQLITE, reason="about PostgreSQL"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def bearer() -> Iterator[str]:
    user = User.objects.create_user("reader")
    _, secret = tokens.issue(user, scope=tokens.Scope.READ)
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        yield f"Bearer {secret}"
        cursor.execute("SET default_transaction_read_only = off")


def test_a_token_that_was_never_used_reads(bearer: str) -> None:
    answer = Client().get("/api/v1/operations", headers={"Authorization": bearer})
    assert answer.status_code == 200
