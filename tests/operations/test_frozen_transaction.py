"""A worker that froze in the middle of a transaction keeps nothing but its own row from anybody.

On the tests' PostgreSQL no time-out ends such a session, as behind a pooler that drops it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import psycopg
import pytest
from django.db import connection, connections
from redis import Redis

from operations import locks
from operations.models import Operation, Process, Status, seconds_from_now
from operations.upkeep.sweeper import Swept, sweep
from tests.operations import scenes
from tests.operations.history import assert_whole
from tests.running.servers import ON_SQLITE

pytestmark = [
    pytest.mark.skipif(ON_SQLITE, reason="SQLite has no rows that one session holds"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fake_type", "valkey"),
]

T = TypeVar("T")

SECONDS = 30.0
"""Far more than a look takes, which waits for no lock for longer than two."""


@contextmanager
def frozen_after(statement: str, *arguments: object) -> Iterator[None]:
    """Another session, which has done this and does not go on."""
    parameters = connection.get_connection_params()
    known = {name: parameters[name] for name in ("dbname", "user", "host") if name in parameters}
    with psycopg.connect(**known) as session:
        session.execute(statement, arguments)  # type: ignore[call-overload]
        yield
        session.rollback()


def within_seconds(act: Callable[[], T]) -> T:
    """What it returns; an assertion if it hangs."""
    answers: list[T] = []

    def run() -> None:
        try:
            answers.append(act())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(timeout=SECONDS)
    assert answers, "it waits for the frozen session"
    return answers[0]


def a_look() -> Swept:
    return within_seconds(lambda: sweep(name="s"))


def hold(operation: Operation) -> tuple[str, str]:
    return "UPDATE operations_operation SET last_event = last_event WHERE id = %s", operation.pk


def test_the_others_are_recovered_and_it_too_once_it_is_let_go() -> None:
    frozen, lost = scenes.running(), scenes.running()
    for operation in (frozen, lost):
        scenes.expire_lease(operation)
    scenes.sweepers_were_awake()

    with frozen_after(*hold(frozen)):
        assert a_look() == Swept(quiet=False, recovered=1, rung=1)
        assert scenes.reread(lost).attempt == 2
        assert scenes.reread(frozen).attempt == 1

    assert a_look() == Swept(quiet=False, recovered=1, rung=1)
    assert scenes.reread(frozen).attempt == 2
    assert_whole(frozen.pk)


def test_the_others_are_rung_for_while_a_claim_is_frozen(valkey: Redis) -> None:
    frozen, waiting = scenes.pending(), scenes.pending()
    scenes.sweepers_were_awake()

    with frozen_after(*hold(frozen)):
        assert a_look() == Swept(quiet=False, rung=1)

    assert valkey.lrange("rq:queue:training", 0, -1) == [f"{waiting.pk}-1-1".encode()]


def test_a_row_that_only_its_transition_meets_is_waited_for_shortly(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    frozen, lost = scenes.running(), scenes.running()
    for operation in (frozen, lost):
        scenes.expire_lease(operation)
    scenes.sweepers_were_awake()
    monkeypatch.setattr(locks, "WAIT_MILLISECONDS", 100)

    attempt = "UPDATE operations_attempt SET device = device WHERE operation_id = %s", frozen.pk
    with frozen_after(*attempt):
        assert a_look().recovered == 1

    assert scenes.reread(lost).attempt == 2
    assert scenes.reread(frozen).status == Status.RUNNING
    assert f"{frozen.pk} is held by a session" in caplog.text


def test_the_row_of_a_worker_of_yesterday_may_be_held() -> None:
    scenes.sweepers_were_awake()
    Process.objects.create(kind=Process.Kind.WORKER, name="w", host="h", pid=1)
    Process.objects.filter(name="w").update(beat_at=seconds_from_now(-100_000))

    with frozen_after("UPDATE operations_process SET pid = pid WHERE name = 'w'"):
        assert not a_look().quiet
        assert Process.objects.filter(name="w").exists()

    a_look()
    assert not Process.objects.filter(name="w").exists()
