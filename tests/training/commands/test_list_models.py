"""`list_models`: a table that fits a terminal, lines in a pipe, JSON as in the API."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient
from rich.console import Console

from operations.management.tables import table
from tests.asking.commands import Manage
from tests.training.views import scenes
from training.management.commands.list_models import COLUMNS, REST, SPARE


def test_json_is_the_apis_and_a_pipe_gets_a_line_a_model(manage: Manage) -> None:
    staff = User.objects.create_user("staff", is_staff=True)
    model = scenes.stored_model(scenes.started(staff), net_return=0.1234, sharpe=0.5)
    client = APIClient()
    client.force_login(staff)
    assert manage("list_models", "--json").json == client.get("/api/v1/models").json()["data"]
    [line] = manage("list_models", "--sort", "val_loss").out.splitlines()
    cells = dict(zip((COLUMNS[0], "VAL LOSS", *COLUMNS[1:], *REST), line.split("\t"), strict=True))
    assert cells["OPERATION"] == model.operation_id
    assert (cells["VAL LOSS"], cells["NET RETURN"], cells["SHARPE"]) == (
        "1.100",
        "+12.3 %",
        "+0.50",
    )
    assert cells["MODEL"] == str(model.pk)


def test_what_was_tested_on_bars_it_was_trained_on_is_said(manage: Manage, owner: User) -> None:
    model = scenes.stored_model(scenes.started(owner), net_return=0.1)
    assert manage("list_models").err == ""
    model.evaluation["seen_test"] = "2001 to 2003"
    model.save(update_fields=["evaluation"])
    told = manage("list_models").err
    assert told == f"{model.operation_id}: tested on bars it was trained on.\n"


@pytest.mark.parametrize("width", [80, 120])
def test_an_id_stands_whole_in_any_width(width: int) -> None:
    id_ = "op_training_20261128_050654_8881c3f3"
    numbers = ("+12.3 %", "+0.50", "41.2 %", "12.0 %", "1,234", "45.6 %", "12")
    cells = (id_, *numbers, "2026-11-28 05:06:54", "9")
    drawn = StringIO()
    rows = [(*cells, "a name that is longer than its column has room")]
    Console(file=drawn, width=width).print(table((*COLUMNS, *REST), rows, spare=SPARE, width=width))
    _, row = drawn.getvalue().splitlines()
    assert row.startswith(id_) and "+0.50" in row and "a name" in row
    assert len(row) <= width


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("owner")
