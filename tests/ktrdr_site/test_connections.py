"""No request leaves a connection to the database behind: else a user's many take them all."""

import http.client
from pathlib import Path

import pytest
from django.db import connection

from tests.running.servers import ON_SQLITE, Servers
from tests.running.stack import wait_until
from tests.running.web import HOST, Web

REQUESTS = 40
OTHERS = 3
"""Of the web process: the hub's, and a look at its health."""


def open_ones() -> int:
    """Connections to the test database, without this one."""
    if ON_SQLITE:
        return 0  # a file has none to run out of
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_request_closes_its_connection_when_it_is_answered(
    servers: Servers, tmp_path: Path
) -> None:
    before = open_ones()
    web = Web(
        servers,
        tmp_path / "web.log",
        database=str(connection.settings_dict["NAME"]),
        application="tests.ktrdr_site.uncollected_site:application",
    )
    try:
        for number in range(REQUESTS):
            asking = http.client.HTTPConnection(HOST, web.port, timeout=60)
            headers = {"Authorization": f"Bearer ktrdr_{number}"}
            asking.request("GET", "/api/v1/operations", headers=headers)
            assert asking.getresponse().status == 401
            asking.close()
        wait_until(lambda: open_ones() <= before + OTHERS, 20, open_ones)
    finally:
        web.stop()
