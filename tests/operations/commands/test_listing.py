"""`list_operations` and `show_operation`: plain in a pipe, JSON as in the API."""

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from operations.models import Operation
from tests.asking.commands import Manage
from tests.operations import scenes

pytestmark = pytest.mark.usefixtures("fake_type", "redis_down")


def first_column(out: str) -> list[str]:
    return [line.split("\t")[0] for line in out.splitlines()]


def test_a_pipe_gets_one_tab_separated_line_per_operation(manage: Manage) -> None:
    old, new = scenes.failed(3), scenes.running()
    Operation.objects.filter(pk=old.pk).update(name="two\nlines\tand a tab")
    outcome = manage("list_operations")
    assert first_column(outcome.out) == [new.pk, old.pk]
    cells = outcome.out.splitlines()[1].split("\t")
    assert cells[1] == "failed"
    assert cells[5] == "yes"
    assert cells[7] == "two lines and a tab"
    assert "\x1b" not in outcome.out


def test_filters_and_limit_leave_what_fits(manage: Manage) -> None:
    lost, stopped, running = scenes.failed(), scenes.cancelled(1), scenes.running()
    assert first_column(manage("list_operations", "--status", "failed").out) == [lost.pk]
    assert first_column(manage("list_operations", "--resumable").out) == [stopped.pk]
    assert first_column(manage("list_operations", "--limit", "1").out) == [running.pk]


def test_a_limit_below_one_is_bad_input(manage: Manage) -> None:
    assert manage("list_operations", "--limit", "0").code == 2


def test_json_is_the_api_s(manage: Manage, client: APIClient) -> None:
    operation = scenes.cancelled(1)
    client.force_login(User.objects.create_user("staff", is_staff=True))
    listed = client.get("/api/v1/operations").json()["data"]
    assert manage("list_operations", "--json").json == listed
    shown = client.get(f"/api/v1/operations/{operation.pk}").json()["data"]
    assert manage("show_operation", operation.pk, "--json").json == shown


def test_show_says_where_it_stands_and_what_can_be_done(manage: Manage) -> None:
    operation = scenes.cancelled(4)
    pairs = dict(
        line.split("\t")
        for line in manage("show_operation", operation.pk).out.splitlines()
        if line.count("\t") == 1
    )
    assert pairs["status"] == "cancelled"
    assert pairs["resumes after"] == "5 epochs"
    assert pairs["can be"] == "resume, restart"
    assert pairs["cancel reason"] == "enough"


def test_show_of_an_unknown_operation_is_not_found(manage: Manage) -> None:
    assert manage("show_operation", "op_nothing").code == 4


def test_the_end_of_an_id_is_enough(manage: Manage) -> None:
    operation = scenes.cancelled(1)
    scenes.running()
    tail = operation.pk.rpartition("_")[2]
    assert manage("show_operation", tail, "--json").json["operation_id"] == operation.pk


def test_what_ended_has_no_time_left(manage: Manage) -> None:
    operation = scenes.as_training(scenes.running())
    progress = {"phase": "training", "epoch": 3, "total_epochs": 10, "eta_seconds": 13.0}
    Operation.objects.filter(pk=operation.pk).update(progress=progress)
    assert "0:13 left" in manage("list_operations").out
    scenes.lifecycle.force_cancel(operation.pk, 1)
    assert "left" not in manage("list_operations").out
