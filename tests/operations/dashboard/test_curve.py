"""One honest curve across all attempts: what it holds, what it marks, and how long it may get."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest import MonkeyPatch

from operations import lifecycle
from operations.models import Attempt, EventType, Operation
from operations.resume import resume_operation
from operations.upkeep.sweeper import sweep
from tests.operations import scenes
from tests.operations.dashboard.pictures import records, reports
from training.presentation import loss_curve

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type", "redis_down")]


def curve(page: Client, operation: Operation, after: int | None = None) -> dict[str, Any]:
    query = "" if after is None else f"?after={after}"
    answer = page.get(reverse("operation-curve", args=[operation.pk]) + query)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def saved(operation: Operation, epoch: int, batch: int = 0, kind: str = "periodic") -> None:
    data = {"checkpoint_type": kind, "epoch": epoch, "batch": batch, "size_bytes": 1}
    with lifecycle.fenced(operation.pk, operation.attempt, EventType.CHECKPOINT_SAVED, data):
        pass


def lost(operation: Operation) -> Operation:
    """Its worker dies, and the next attempt is claimed."""
    scenes.expire_lease(operation)
    scenes.sweepers_were_awake()
    sweep(name="sweeper")
    return scenes.claim(operation, worker="w2", token="t2")


def test_before_the_first_epoch_it_is_empty(page: Client) -> None:
    told = curve(page, scenes.pending())
    assert (told["epochs"], told["markers"], told["best"]) == ([], [], None)


def test_a_cancel_and_the_resume_after_it_are_marked_where_they_were(page: Client) -> None:
    operation = scenes.running()
    reports(operation, total_batches=10)
    records(operation, range(4))
    checkpoint = scenes.save(operation, 3, batch=5)
    saved(operation, 3, batch=5, kind="cancellation")
    assert lifecycle.request_cancel(operation.pk)
    assert lifecycle.cancel(operation.pk, 1)
    resume_operation(checkpoint.operation_id)
    told = curve(page, operation)
    assert told["epochs"] == [1, 2, 3, 4]
    marks = [(marker["kind"], marker["at"]) for marker in told["markers"]]
    assert marks == [("cancel", 4.5), ("resume", 4.5)]
    assert told["checkpoints"] == [4.5]


def test_a_kill_is_marked_where_its_attempt_had_come(page: Client) -> None:
    operation = scenes.running()
    records(operation, range(6))
    lost(operation)
    told = curve(page, operation)
    assert [(marker["kind"], marker["at"]) for marker in told["markers"]] == [("kill", 6.0)]


def test_what_was_trained_again_is_shown_once_as_the_latest_attempt_did_it(page: Client) -> None:
    operation = scenes.running()
    records(operation, range(6))
    second = lost(operation)
    records(second, range(4, 8), val_loss=7.0, replayed=True)
    records(second, [8])
    told = curve(page, second)
    assert told["epochs"] == list(range(1, 10))
    assert told["val_loss"][3:6] == [1.03, 7.0, 7.0]
    assert told["replayed"] == [5, 6, 7, 8]
    assert [(marker["kind"], marker["at"]) for marker in told["markers"]] == [("kill", 6.0)]
    assert told["mismatched"] == []


def test_a_replay_that_came_out_different_is_told_apart(page: Client) -> None:
    operation = scenes.running()
    records(operation, [0], replayed=True)
    Attempt.objects.filter(operation=operation).update(replay_verified=False)
    assert curve(page, operation)["mismatched"] == [1]


def test_an_open_page_asks_for_what_is_new_only(page: Client) -> None:
    operation = scenes.running()
    records(operation, range(10))
    saved(operation, 4)
    told = curve(page, operation, after=8)
    assert (told["epochs"], told["checkpoints"]) == ([9, 10], [5.0])
    assert page.get(reverse("operation-curve", args=[operation.pk]) + "?after=x").status_code == 400


def test_a_long_history_is_thinned_but_keeps_its_ends_and_the_best_epoch(
    page: Client, monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.setattr(loss_curve, "MOST_POINTS", 10)
    operation = scenes.running()
    records(operation, range(1000))
    reports(operation, epoch=999, best_epoch=123)
    told = curve(page, operation)
    assert told["is_thinned"]
    assert len(told["epochs"]) == 11
    assert (told["best"], told["best_words"]) == (124, "best: the 124th epoch")
    assert {1, 124, 1000} <= set(told["epochs"])
