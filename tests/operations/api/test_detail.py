import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from operations import lifecycle
from operations.models import Metric, Operation
from operations.selectors import MAX_ROWS
from tests.operations import scenes

pytestmark = pytest.mark.usefixtures("fake_type", "redis_down")


def detail(api: APIClient, operation: Operation) -> dict[str, Any]:
    data: dict[str, Any] = api.get(f"/api/v1/operations/{operation.pk}").json()["data"]
    return data


def part(api: APIClient, operation: Operation, name: str) -> Any:
    answer = api.get(f"/api/v1/operations/{operation.pk}/{name}")
    assert answer.status_code == 200
    return answer.json()["data"]


def beat(operation: Operation, **progress: Any) -> None:
    assert lifecycle.heartbeat(operation.pk, operation.attempt, progress=progress)


def test_the_phase_is_what_it_is_doing(api: APIClient) -> None:
    operation = scenes.pending()
    assert detail(api, operation)["phase"] == "waiting for a worker"
    operation = scenes.claim(operation)
    assert detail(api, operation)["phase"] == "preparing data"
    for phase in ("preparing data", "training", "saving"):
        beat(operation, phase=phase)
        assert detail(api, operation)["phase"] == phase
    lifecycle.request_cancel(operation.pk)
    assert detail(api, operation)["phase"] == "stopping"
    lifecycle.cancel(operation.pk, operation.attempt)
    assert detail(api, operation)["phase"] is None


def test_progress_is_what_the_worker_said_last(api: APIClient) -> None:
    operation = scenes.running()
    beat(operation, phase="training", epoch=12, total_epochs=40, percent=31.5, train_loss=0.7)
    assert detail(api, operation)["progress"] == {
        "percent": 31.5,
        "epoch": 12,
        "total_epochs": 40,
        "batch": None,
        "total_batches": None,
        "eta_seconds": None,
        "samples_per_second": None,
        "train_loss": 0.7,
        "val_loss": None,
        "best_epoch": None,
        "best_val_loss": None,
        "learning_rate": None,
        "step": None,
        "save_error": None,
    }


@pytest.mark.parametrize(
    ("scene", "actions"),
    [
        (scenes.pending, ["cancel", "restart"]),
        (scenes.running, ["cancel", "force_cancel", "restart"]),
        (lambda: scenes.cancelled(3), ["resume", "restart"]),
        (scenes.cancelled, ["restart"]),
        (lambda: scenes.failed(3), ["resume", "restart"]),
        (scenes.completed, ["restart"]),
    ],
)
def test_the_allowed_actions_are_those_that_would_succeed(
    api: APIClient, scene: Any, actions: list[str]
) -> None:
    data = detail(api, scene())
    assert data["allowed_actions"] == actions
    assert data["resumable"] == ("resume" in actions)


def test_an_intent_leaves_only_force(api: APIClient) -> None:
    operation = scenes.running()
    lifecycle.request_cancel(operation.pk)
    assert detail(api, operation)["allowed_actions"] == ["force_cancel", "restart"]


def test_the_latest_checkpoint_is_the_one_a_resume_would_use(api: APIClient) -> None:
    operation = scenes.cancelled(4, 9)
    newest = scenes.newest(operation)
    latest = detail(api, operation)["latest_checkpoint"]
    assert (latest["id"], latest["epoch"], latest["checkpoint_type"]) == (
        newest.pk,
        9,
        "cancellation",
    )
    newest.quarantined_at, newest.quarantine_reason = newest.created_at, "one bit flipped"
    newest.save(update_fields=["quarantined_at", "quarantine_reason"])
    assert detail(api, operation)["latest_checkpoint"]["epoch"] == 4


def test_a_failure_says_what_happened(api: APIClient) -> None:
    data = detail(api, scenes.failed())
    assert data["error"] == {"code": "broken", "message": "It broke."}
    assert data["attempts"][0]["error"]["traceback"] == "Traceback: it broke"


def test_a_completed_operation_is_at_100_percent_with_its_result(api: APIClient) -> None:
    data = detail(api, scenes.completed())
    assert data["progress"]["percent"] == 100.0
    assert data["result"] == {"loss": 0.5}
    assert data["error"] is None


def test_an_unchanged_operation_is_304(api: APIClient) -> None:
    operation = scenes.running()
    path = f"/api/v1/operations/{operation.pk}"
    etag = api.get(path)["ETag"]
    again = api.get(path, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    beat(operation, phase="training")
    changed = api.get(path, headers={"if-none-match": etag})
    assert changed.status_code == 200
    assert changed["ETag"] != etag


def test_attempts_and_events_tell_the_history_in_order(api: APIClient) -> None:
    operation = scenes.running()
    lifecycle.interrupt(operation.pk, 1)
    operation = scenes.claim(operation)
    attempts = part(api, operation, "attempts")
    assert [(a["number"], a["outcome"]) for a in attempts] == [(1, "interrupted"), (2, "")]
    events = part(api, operation, "events")
    assert [e["number"] for e in events] == [1, 2, 3, 4]
    assert [e["event_type"] for e in events] == ["created", "claimed", "interrupted", "claimed"]
    assert [e["number"] for e in part(api, operation, "events?after=3")] == [4]


def test_checkpoints_come_newest_first_with_their_artifacts(api: APIClient) -> None:
    operation = scenes.cancelled(4, 9)
    rows = part(api, operation, "checkpoints")
    assert [row["epoch"] for row in rows] == [9, 4]
    assert [a["name"] for a in rows[0]["artifacts"]] == ["model.pt", "optimizer.pt"]


def test_metrics_show_each_epoch_once_as_its_latest_attempt_had_it(api: APIClient) -> None:
    operation = scenes.running()
    for attempt, step in ((1, 0), (1, 1), (2, 1), (2, 2)):
        Metric.objects.create(
            operation=operation, attempt=attempt, step=step, values={"train_loss": 1.0 / attempt}
        )
    rows = part(api, operation, "metrics")
    assert [(row["epoch"], row["attempt"]) for row in rows] == [(0, 1), (1, 2), (2, 2)]
    assert rows[1]["values"] == {"train_loss": 0.5}
    assert [row["epoch"] for row in part(api, operation, "metrics?after_epoch=1")] == [2]


def test_a_long_training_has_its_metrics_in_pages(api: APIClient) -> None:
    operation = scenes.running()
    steps = [(step, attempt) for step in range(MAX_ROWS + 2) for attempt in (1, 2)]
    Metric.objects.bulk_create(
        Metric(operation=operation, attempt=attempt, step=step, values={})
        for step, attempt in steps
    )
    first = api.get(f"/api/v1/operations/{operation.pk}/metrics").json()
    assert [row["epoch"] for row in first["data"]] == list(range(MAX_ROWS))
    assert {row["attempt"] for row in first["data"]} == {2}
    second = api.get(first["next"]).json()
    assert [row["epoch"] for row in second["data"]] == [MAX_ROWS, MAX_ROWS + 1]
    assert second["next"] is None


def test_a_progress_is_answered_as_its_worker_said_it(api: APIClient) -> None:
    operation = scenes.running()
    beat(operation, percent=50, eta_seconds=3, train_loss=0.25)
    progress = detail(api, operation)["progress"]
    said = [progress["percent"], progress["eta_seconds"], progress["train_loss"]]
    assert json.dumps(said) == "[50, 3, 0.25]"


def test_results_are_there_once_it_has_completed(api: APIClient) -> None:
    assert part(api, scenes.completed(), "results") == {"loss": 0.5}
    running = scenes.running()
    answer = api.get(f"/api/v1/operations/{running.pk}/results")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_result")


def test_a_restart_is_a_new_operation_with_the_same_request(api: APIClient) -> None:
    parent = scenes.cancelled(3, epochs=40, seed=7)
    answer = api.post(f"/api/v1/operations/{parent.pk}/restart")
    assert answer.status_code == 202
    data = answer.json()["data"]
    assert (data["parent_id"], data["status"]) == (parent.pk, "pending")
    assert data["request"] == {"epochs": 40, "seed": 7}
    assert data["owner"] == "staff"
    assert api.get(answer["Location"]).json()["data"]["operation_id"] == data["operation_id"]
