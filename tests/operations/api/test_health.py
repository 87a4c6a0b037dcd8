import pytest
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings
from redis import Redis

from operations.models import Process, seconds_from_now
from operations.upkeep import presence
from tests.running.postgres import PostgresServer


def test_it_is_ok_when_everything_is_there(db: None, valkey: Redis, client: Client) -> None:
    presence.beat(Process.Kind.SWEEPER, "s1")
    presence.beat(Process.Kind.WORKER, "w1")
    answer = client.get("/healthz?strict=1")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "missing": [],
        "database": True,
        "redis": True,
        "sweepers": 1,
        "workers": 1,
    }


def test_what_is_missing_degrades_it_and_fails_only_when_strict(
    db: None, redis_down: None, client: Client
) -> None:
    presence.beat(Process.Kind.WORKER, "w1")
    Process.objects.update(beat_at=seconds_from_now(-3600))
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["missing"] == ["redis", "sweepers", "workers"]
    assert client.get("/healthz?strict=1").status_code == 503


@pytest.mark.django_db(transaction=True)
def test_it_is_down_while_the_database_is_away(
    postgres_server: PostgresServer, client: Client
) -> None:
    postgres_server.stop()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (503, "down")
    postgres_server.start()
    connection.close()  # as the end of a request does with a broken one
    assert client.get("/healthz").status_code == 200


def test_a_probe_needs_neither_tls_nor_credentials(
    db: None, client: Client, settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200
    assert client.get("/api/v1/operations").status_code == 301
