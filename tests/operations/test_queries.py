"""What the hot transitions ask of the database, statement by statement: nobody adds one unseen."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from operations import lifecycle
from operations.models import EventType
from operations.resume import resume_operation
from operations.selectors import standing
from operations.upkeep.sweeper import sweep
from tests.operations import scenes
from tests.operations.statements import FENCED_EVENT, STATEMENT

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fake_type", "valkey"),
]


CLAIM = ["UPDATE operation", "UPDATE attempt", "INSERT event"]


@contextmanager
def statements() -> Iterator[list[str]]:
    """Verb and first table of each statement, without BEGIN and COMMIT."""
    seen: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield seen
    matches = (STATEMENT.match(query["sql"]) for query in captured.captured_queries)
    seen += [f"{match[1]} {match[2]}" for match in matches if match]


def test_a_claim() -> None:
    operation = scenes.pending()
    with statements() as seen:
        assert lifecycle.claim(operation.pk, 1, worker="w", device="cpu", token="t")
    assert seen == CLAIM


def test_a_claim_that_comes_too_late() -> None:
    operation = scenes.running()
    with statements() as seen:
        assert not lifecycle.claim(operation.pk, 1, worker="w", device="cpu", token="t2")
    assert seen == ["UPDATE operation", "SELECT operation"]


def test_a_heartbeat() -> None:
    operation = scenes.running()
    with statements() as seen:
        assert lifecycle.heartbeat(operation.pk, 1, progress={"epoch": 1})
    assert seen == ["UPDATE operation"]


def test_a_look_at_the_own_standing() -> None:
    operation = scenes.running()
    with statements() as seen:
        standing(operation.pk, 1)
    assert seen == ["SELECT operation"]


def test_an_event_under_the_fence() -> None:
    operation = scenes.running()
    with statements() as seen, lifecycle.fenced(operation.pk, 1, EventType.STARTED):
        pass
    assert seen == FENCED_EVENT


def test_a_resume() -> None:
    operation = scenes.cancelled(24, 25)
    with statements() as seen:
        resume_operation(operation.pk)
    look = ["SELECT operation", "SELECT checkpoint", "SELECT checkpointartifact"]
    lock = ["SELECT operation", "SELECT operation"]  # whose part it is; then that one, alone
    transition = ["UPDATE operation", "SELECT operation", "INSERT attempt", "INSERT event"]
    # Where lists find it, and no longer as one that was cancelled.
    placed = ["SELECT place", "SELECT place", "SELECT operation", "INSERT place"]
    told = ["UPDATE operation", "SELECT operation", "INSERT event"]
    ring = ["SELECT operation", "UPDATE operation", "SELECT operation", *told]
    assert seen == [*look, *lock, *transition, *placed, "SELECT checkpoint", *ring]


def test_a_sweep_with_nothing_to_do_asks_the_same_however_much_runs() -> None:
    scenes.sweepers_were_awake()
    sweep(name="s")
    with statements() as idle:
        sweep(name="s")
    for _ in range(5):
        scenes.running()

    with statements() as busy:
        sweep(name="s")

    assert busy == idle
