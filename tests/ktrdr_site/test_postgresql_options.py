"""A connection to PostgreSQL outlives neither a network that swallows packets nor its lease."""

from collections.abc import Iterator

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import post_migrate, pre_migrate

from ktrdr_site.settings import LOCK_SECONDS, POSTGRESQL_OPTIONS
from tests.running.postgres import PostgresServer
from tests.running.servers import ON_SQLITE

pytestmark = pytest.mark.skipif(ON_SQLITE, reason="about PostgreSQL")

DEFAULT_HEARTBEAT_SECONDS, DEFAULT_LEASE_SECONDS = 5, 30


def test_a_silent_network_is_noticed_within_the_default_lease() -> None:
    options = settings.DATABASES["default"]["OPTIONS"]
    probes = options["keepalives_interval"] * options["keepalives_count"]
    longest_silence = max(options["keepalives_idle"] + probes, options["tcp_user_timeout"] / 1000)
    back = longest_silence + options["connect_timeout"] + DEFAULT_HEARTBEAT_SECONDS
    assert back < DEFAULT_LEASE_SECONDS


def test_the_server_ends_a_session_that_idles_and_a_wait_for_a_lock(
    postgres_server: PostgresServer,
) -> None:
    server = str(postgres_server.directory)
    with psycopg.connect(host=server, user="postgres", **POSTGRESQL_OPTIONS) as connection:
        shown = connection.execute("SHOW idle_in_transaction_session_timeout").fetchone()
        waits = connection.execute("SHOW lock_timeout").fetchone()
    assert shown == (f"{settings.KTRDR_LEASE_SECONDS:g}s",)
    assert waits == (f"{LOCK_SECONDS}s",)


def test_a_page_is_read_by_one_process_of_the_server(postgres_server: PostgresServer) -> None:
    """Several read on ahead of each other, for a page that is full long before."""
    server = str(postgres_server.directory)
    with psycopg.connect(host=server, user="postgres", **POSTGRESQL_OPTIONS) as connection:
        workers = connection.execute("SHOW max_parallel_workers_per_gather").fetchone()
    assert workers == ("0",)


@pytest.fixture
def limited(transactional_db: None) -> Iterator[None]:
    """This process connects as the product's do, though tests idle for longer than a lease."""
    connection.close()
    connection.settings_dict["OPTIONS"]["options"] = POSTGRESQL_OPTIONS["options"]
    yield
    connection.close()
    del connection.settings_dict["OPTIONS"]["options"]


def test_a_migration_may_compute_for_longer_than_a_lease(limited: None) -> None:
    seen: list[str] = []

    def look(**_: object) -> None:
        seen.append(limit_now())

    training = apps.get_app_config("training")
    pre_migrate.connect(look, sender=training)
    post_migrate.connect(look, sender=training)
    try:
        call_command("migrate", verbosity=0)
    finally:
        pre_migrate.disconnect(look, sender=training)
        post_migrate.disconnect(look, sender=training)
    assert "0" in seen
    assert limit_now() == f"{settings.KTRDR_LEASE_SECONDS:g}s"


def limit_now() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        return str(cursor.fetchone()[0])
