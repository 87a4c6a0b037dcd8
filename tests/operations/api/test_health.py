"""`/healthz`: whether the site can do its work, answered in front of everything else."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from django.db import connection
from redis import Redis

from ktrdr_site.doorway import probe
from ktrdr_site.doorway.entrance import Entrance
from ktrdr_site.in_turn import Receive, Scope, Send
from operations.health import look
from operations.models import Process, seconds_from_now
from operations.upkeep import presence
from tests.asking.asgi import Answer, answer_of, ask
from tests.running.postgres import PostgresServer

pytestmark = pytest.mark.django_db(transaction=True)


async def nothing_else(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("a probe went further than the door")


def ask_for(address: str = "/healthz", **headers: str) -> Answer:
    return ask(Entrance(nothing_else), address, {"host": "10.0.0.7:8000", **headers})


def test_it_is_ok_when_everything_is_there(valkey: Redis) -> None:
    presence.beat(Process.Kind.SWEEPER, "s1")
    presence.beat(Process.Kind.WORKER, "w1")
    answer = ask_for("/healthz?strict=1")
    assert answer.status == 200
    assert answer.json() == {
        "status": "ok",
        "missing": [],
        "database": True,
        "redis": True,
        "sweepers": 1,
        "workers": 1,
    }


def test_a_worker_that_compiles_takes_nothing_yet(valkey: Redis) -> None:
    presence.beat(Process.Kind.SWEEPER, "s1")
    presence.starting("w1")
    assert look().missing == ["workers"]
    presence.beat(Process.Kind.WORKER, "w1", queues=["training"])
    assert look().missing == []


def test_what_is_missing_degrades_it_and_fails_only_when_strict(redis_down: None) -> None:
    presence.beat(Process.Kind.WORKER, "w1")
    Process.objects.update(beat_at=seconds_from_now(-3600))
    answer = ask_for()
    assert answer.status == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["missing"] == ["redis", "sweepers", "workers"]
    assert ask_for("/healthz?strict=1").status == 503


def test_it_is_down_while_the_database_is_away(postgres_server: PostgresServer) -> None:
    connection.close()  # the test's own
    postgres_server.stop()
    answer = ask_for()
    assert (answer.status, answer.json()["status"]) == (503, "down")
    postgres_server.start()
    assert ask_for().status == 200


def told_by(door: Entrance) -> Callable[[], Awaitable[str]]:
    async def told() -> str:
        return str((await answer_of(door, "/healthz")).json()["status"])

    return told


def test_whoever_keeps_asking_is_told_what_was_seen_last_and_then_what_has_changed(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "LOOK_AFTER_SECONDS", 0)
    monkeypatch.setattr(probe, "OLDEST_SECONDS", 3600)
    connection.close()  # the test's own

    async def story() -> None:
        told = told_by(Entrance(nothing_else))
        seen = await told()
        await asyncio.to_thread(postgres_server.stop)
        assert await told() == seen != "down"
        async with asyncio.timeout(60):
            while await told() != "down":
                await asyncio.sleep(0.01)

    asyncio.run(story())
    postgres_server.start()


def test_nobody_is_told_what_was_seen_too_long_ago(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "OLDEST_SECONDS", 0)
    connection.close()

    async def story() -> None:
        told = told_by(Entrance(nothing_else))
        assert await told() != "down"
        await asyncio.to_thread(postgres_server.stop)
        assert await told() == "down"

    asyncio.run(story())
    postgres_server.start()


def test_a_probe_needs_no_name_tls_credentials_or_small_headers() -> None:
    answer = ask_for(cookie="a=1; " * 10_000, authorization="Bearer nobody's")
    assert answer.status == 200
    assert answer.headers["cache-control"] == "private, no-store"
