"""A cancel on the command line."""

import json
import threading

import pytest
from django.db import connection

from operations import lifecycle
from operations.models import Operation
from tests.asking.commands import Manage
from tests.operations import scenes
from tests.running.stack import wait_until

pytestmark = pytest.mark.usefixtures("fake_type", "redis_down")


def test_what_no_worker_has_claimed_is_cancelled_at_once(manage: Manage) -> None:
    operation = scenes.pending()
    outcome = manage("cancel_operation", operation.pk, "--reason", "a mistake")
    assert (outcome.code, outcome.out) == (0, f"Operation {operation.pk} is cancelled.\n")
    assert scenes.reread(operation).cancel_reason == "a mistake"


def test_a_worker_is_asked(manage: Manage) -> None:
    operation = scenes.running()
    outcome = manage("cancel_operation", operation.pk)
    assert outcome.code == 0
    assert outcome.out.startswith(f"Cancel requested: {operation.pk}")


def test_force_does_not_ask(manage: Manage) -> None:
    operation = scenes.running()
    assert manage("cancel_operation", operation.pk, "--force", "--json").json == {
        "operation_id": operation.pk,
        "status": "cancelled",
    }


def test_what_has_ended_is_a_conflict(manage: Manage) -> None:
    outcome = manage("cancel_operation", scenes.completed().pk)
    assert outcome.code == 3
    assert "already completed" in outcome.err


def test_a_reason_that_is_too_long_is_bad_input(manage: Manage) -> None:
    outcome = manage("cancel_operation", scenes.running().pk, "--reason", "x" * 501)
    assert outcome.code == 2


def in_the_background(work: object) -> threading.Thread:
    def run() -> None:
        try:
            work()  # type: ignore[operator]
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_wait_returns_when_the_worker_has_stopped(manage: Manage) -> None:
    operation = scenes.running()

    def worker() -> None:
        wait_until(lambda: Operation.objects.get(pk=operation.pk).cancel_requested_at)
        lifecycle.cancel(operation.pk, 1)

    thread = in_the_background(worker)
    outcome = manage("cancel_operation", operation.pk, "--wait")
    thread.join()
    assert (outcome.code, outcome.out) == (0, f"Operation {operation.pk} is cancelled.\n")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", ["text", "json"])
def test_wait_tells_what_the_last_save_lost(form: str, manage: Manage) -> None:
    operation = scenes.running()

    def worker() -> None:
        wait_until(lambda: Operation.objects.get(pk=operation.pk).cancel_requested_at)
        lifecycle.cancel(operation.pk, 1, lost="all of it")

    thread = in_the_background(worker)
    outcome = manage("cancel_operation", operation.pk, "--wait", *["--json"][: form == "json"])
    thread.join()
    if form == "json":
        assert json.loads(outcome.out)["warnings"] == ["all of it"]
    else:
        assert outcome.out == f"Operation {operation.pk} is cancelled.\nall of it\n"


@pytest.mark.django_db(transaction=True)
def test_wait_tells_when_it_was_too_late(manage: Manage) -> None:
    operation = scenes.running()

    def worker() -> None:
        wait_until(lambda: Operation.objects.get(pk=operation.pk).cancel_requested_at)
        with lifecycle.completing(operation.pk, 1, result={}):
            pass

    thread = in_the_background(worker)
    outcome = manage("cancel_operation", operation.pk, "--wait")
    thread.join()
    assert (outcome.code, outcome.out) == (3, f"Operation {operation.pk} is completed.\n")
