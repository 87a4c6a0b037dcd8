"""The tests run on the real parts, and on their own."""

import pytest
import redis
from django.conf import settings
from django.db import connection

from tests.running.servers import ON_SQLITE, Servers


@pytest.mark.django_db
def test_the_database_is_the_one_asked_for() -> None:
    assert connection.vendor == ("sqlite" if ON_SQLITE else "postgresql")


@pytest.mark.skipif(ON_SQLITE, reason="about PostgreSQL")
@pytest.mark.django_db
def test_postgresql_is_version_18() -> None:
    assert connection.cursor().connection.info.server_version // 10_000 == 18


@pytest.mark.django_db(transaction=True)
def test_the_database_server_belongs_to_this_run(servers: Servers) -> None:
    assert str(servers.directory) in str(settings.DATABASES["default"])


def test_valkey_is_real_and_belongs_to_this_run(valkey: redis.Redis, servers: Servers) -> None:
    assert valkey.info("server")["server_name"] == "valkey"
    assert valkey.config_get("unixsocket")["unixsocket"] == str(servers.valkey.socket)
