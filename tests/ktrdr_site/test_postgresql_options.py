"""A connection to PostgreSQL outlives neither a network that swallows packets nor its lease."""

import psycopg
import pytest
from django.conf import settings

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
