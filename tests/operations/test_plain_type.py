"""A second kind of operation is shown as well as run: without epochs, losses or a curve."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from operations import lifecycle
from operations.access import tokens
from operations.access.tokens import Scope
from operations.models import Operation
from tests.asking.commands import Manage
from tests.asking.commands import manage as manage
from tests.operations import scenes
from tests.operations.fake_type import PLAIN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_down")]

OF_A_TRAINING = ("epoch", "loss", "curve", "chart.js", "sparkline", "samples a second")


@pytest.fixture
def operation(settings: Settings) -> Operation:
    """Half-way, of a kind that brings nothing of its own to show."""
    settings.OPERATION_TYPES = PLAIN
    operation = scenes.running()
    progress = {"phase": "training", "percent": 50.0, "eta_seconds": 65.0, "step": "12 of 24"}
    assert lifecycle.heartbeat(operation.pk, 1, progress=progress)
    return scenes.reread(operation)


@pytest.fixture
def page(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def read(page: Client, address: str) -> str:
    answer = page.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_its_page_has_its_progress_and_nothing_of_a_training(
    page: Client, operation: Operation
) -> None:
    html = read(page, f"/operations/{operation.pk}/")
    assert "50 %" in html
    assert "1 min 05 s left" in html
    assert [word for word in OF_A_TRAINING if word in html.lower()] == []


def test_its_header_is_read_again_in_the_same_way(page: Client, operation: Operation) -> None:
    html = read(page, f"/operations/{operation.pk}/header/")
    assert "50 %" in html
    assert "epoch" not in html.lower()


def test_its_row_has_its_progress_and_empty_cells(page: Client, operation: Operation) -> None:
    html = read(page, f"/operations/{operation.pk}/row/")
    assert "50 %" in html
    assert "epoch" not in html
    assert html.count("<td") == read(page, "/operations/").split("</thead>")[0].count("<th") - 1


def test_the_api_has_the_progress_of_every_kind(staff: User, operation: Operation) -> None:
    _, secret = tokens.issue(staff, scope=Scope.OPERATE)
    api = APIClient(headers={"authorization": f"Bearer {secret}"})
    for shown in (
        api.get(f"/api/v1/operations/{operation.pk}").json()["data"],
        api.get("/api/v1/operations").json()["data"][0],
    ):
        assert shown["progress"] == {
            "percent": 50.0,
            "eta_seconds": 65.0,
            "step": "12 of 24",
            "save_error": None,
        }


def test_a_terminal_gets_the_time_that_is_left(manage: Manage, operation: Operation) -> None:
    assert "1:05 left" in manage("list_operations").out
    assert "epoch" not in manage("show_operation", operation.pk).out
