"""`prune_operations` deletes the histories of operations that ended long ago, and nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from operations.models import Metric, Operation
from operations.reading import attempt_logs
from operations.resume import resume_operation
from operations.upkeep.histories import prune
from tests.asking.commands import Manage
from tests.operations import scenes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type")]


def ended_days_ago(operation: Operation, days: float) -> Operation:
    Operation.objects.filter(pk=operation.pk).update(
        completed_at=timezone.now() - timedelta(days=days)
    )
    return operation


def with_metric(operation: Operation) -> Operation:
    Metric.objects.create(operation=operation, attempt=1, step=0, values={"loss": 1})
    attempt_logs.write(operation.pk, 1, text="It went well.")
    return operation


def test_events_and_metrics_go_and_the_operation_stays(manage: Manage) -> None:
    old = ended_days_ago(with_metric(scenes.completed(1)), 31)
    young = ended_days_ago(with_metric(scenes.completed()), 29)
    num_events = old.events.count()

    answer = manage("prune_operations", "--older-than-days", "30", "--json")

    assert answer.json["pruned"] == [
        {"operation_id": old.pk, "num_events": num_events, "num_metrics": 1, "num_logs": 1}
    ]
    assert (old.events.count(), old.metrics.count(), old.logs.count()) == (0, 0, 0)
    assert old.attempts.count() == 1
    assert scenes.reread(old).result == {"loss": 0.5}
    assert young.events.exists() and young.metrics.exists()


def test_a_dry_run_only_says_so(manage: Manage) -> None:
    old = ended_days_ago(with_metric(scenes.completed()), 31)

    answer = manage("prune_operations", "--older-than-days", "30", "--dry-run")

    assert (
        f"Would delete: {old.events.count()} events, 1 metrics and 1 logs of {old.pk}" in answer.out
    )
    assert old.events.exists() and old.metrics.exists()


def test_a_live_operation_keeps_its_history_however_old(manage: Manage) -> None:
    running = with_metric(scenes.running())

    assert manage("prune_operations", "--older-than-days", "0", "--json").json["pruned"] == []
    assert running.metrics.exists()


def test_what_was_pruned_can_still_resume_and_numbers_its_events_on(redis_down: None) -> None:
    stopped = ended_days_ago(scenes.cancelled(1), 31)
    last = scenes.reread(stopped).last_event
    assert len(prune(older_than=timedelta(days=30))) == 1

    resume_operation(stopped.pk)

    assert stopped.events.get(event_type="resumed").number == last + 1
    assert scenes.reread(stopped).is_live


def test_nothing_is_pruned_twice() -> None:
    ended_days_ago(scenes.completed(), 31)
    assert len(prune(older_than=timedelta(days=30))) == 1
    assert prune(older_than=timedelta(days=30)) == []


@pytest.mark.parametrize("days", ["-1", "nan", "1e300"])
def test_an_impossible_age_is_bad_input(manage: Manage, days: str) -> None:
    kept = ended_days_ago(scenes.completed(), 31)
    assert manage("prune_operations", f"--older-than-days={days}").code == 2
    assert kept.events.exists()
